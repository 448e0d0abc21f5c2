"""Needs that a letter names and that are none now are ruled out, with why."""

import pytest

from referral_intake.triage.reader import read

RULED_OUT = [
    ("alcohol", "past", "He no longer drinks."),
    ("alcohol", "past", "She has been sober for six years."),
    ("alcohol", "past", "H/O alcohol dependence 1998."),
    ("alcohol", "denied", "Doesn't drink."),
    ("alcohol", "denied", "Social drinker only."),
    ("alcohol", "denied", "Alcohol: 6 units/week."),
    ("alcohol", "others", "Her father drank heavily."),
    ("alcohol", "others", "His wife drinks too much."),
    ("debt-advice", "others", "It is her husband's debts that worry the bank."),
    ("debt-advice", "denied", "She has no debts."),
    ("emotional-support", "refused", "Declined counselling in 2019."),
    ("emotional-support", "refused", "He does not want counselling."),
    ("emotional-support", "refused", "Counselling offered and declined."),
    ("social-groups", "refused", "She would like company but not groups."),
    ("social-groups", "refused", "He hates clubs and would not thank you for a lunch club."),
    ("loneliness", "denied", "She is not lonely."),
    ("loneliness", "denied", "He has a good circle of friends and is not isolated."),
    ("smoking", "past", "Stopped smoking in 2015."),
    ("smoking", "past", "Ex-smoker."),
    ("smoking", "denied", "Non-smoker."),
    ("smoking", "refused", "Smokes 10 a day but has no wish to stop."),
    ("dementia", "others", "His wife has dementia."),
    ("dementia", "denied", "No memory problems."),
    ("dementia", "denied", "Her memory is fine."),
    ("dementia", "others", "Mother had Alzheimer's."),
    ("low-mood", "denied", "Denies low mood."),
    ("low-mood", "denied", "Not depressed."),
    ("low-mood", "past", "Depression in her twenties, none since."),
    ("low-mood", "past", "Previous postnatal depression (2004)."),
    ("anxiety", "others", "Her daughter suffers from anxiety."),
    ("anxiety", "denied", "No anxiety."),
    ("drugs", "past", "Used heroin in the nineties, clean since 2001."),
    ("drugs", "others", "Her son is a heroin user."),
    ("housing", "denied", "Housing: no concerns."),
    ("housing", "denied", "No housing problems."),
    ("money-advice", "denied", "There are no money worries."),
    ("money-advice", "denied", "Finances are fine."),
    ("benefits-advice", "denied", "She already gets attendance allowance."),
    ("homelessness", "past", "He was homeless in 2016 but has had his own tenancy since."),
    ("falls-prevention", "denied", "No falls."),
    ("sleep", "denied", "Sleeping well."),
    ("employment", "denied", "Works full time and enjoys her job."),
    ("domestic-abuse-support", "denied", "No domestic abuse."),
    ("cancer-support", "others", "Her mother had breast cancer."),
    ("gambling", "past", "He used to gamble but hasn't placed a bet since 2018."),
    ("gambling", "others", "Her partner gambles."),
    ("weight-management", "refused", "She doesn't want help with her weight."),
    ("befriending", "refused", "He does not want a befriender."),
    ("emotional-support", "hypothetical", "If things get worse we could consider counselling."),
    ("food", "hypothetical", "Should his money stop he may need a food bank."),
    ("respite", "refused", "She won't hear of respite."),
    ("physical-activity", "refused", "Not for exercise referral, not interested."),
    ("neurodiversity", "others", "Her son is autistic."),
    ("veterans", "others", "His father was a veteran."),
    ("mental-health-support", "others", "His brother has schizophrenia."),
    ("practical-support", "refused", "She does not want home help."),
    ("energy-costs", "denied", "The house is warm and the bills are paid."),
    ("carers", "others", "His daughter is his carer."),
    ("sensory-loss", "denied", "Sight and hearing good."),
    ("food", "denied", "Eating well."),
    ("digital-skills", "denied", "Good with computers and does everything online."),
    ("legal-advice", "denied", "No legal issues."),
    ("trauma", "denied", "No history of trauma."),
]


@pytest.mark.parametrize(("need", "why", "letter"), RULED_OUT)
def test_what_is_past_denied_refused_or_of_another_is_no_need_and_the_reader_says_why(
    need: str, why: str, letter: str
) -> None:
    reading = read(letter)
    assert need not in {sign.code for sign in reading.needs}
    assert (need, why) in {(out.code, out.why) for out in reading.ruled_out}
    assert all(out.evidence in letter for out in reading.ruled_out)


@pytest.mark.parametrize(
    ("letter", "need"),
    [
        ("Do you have worries about money?\nno", "money-advice"),
        ("Do you feel lonely?\nNever.", "loneliness"),
        ("[ ] low mood  [x] sleep problems", "low-mood"),
        ("PMH: depression, alcohol dependence", "alcohol"),
        ("Family history: dementia", "dementia"),
        ("Past medical history\n- Anxiety\n- Fibromyalgia\n\nLonely.", "anxiety"),
    ],
)
def test_forms_and_records_are_read_by_their_answers_ticks_and_headings(letter: str, need: str) -> None:
    assert need not in {sign.code for sign in read(letter).needs}


@pytest.mark.parametrize(
    ("letter", "needs"),
    [
        ("Do you feel lonely?\nYes, most days.", {"loneliness"}),
        ("Reason for referral: debt and loneliness", {"debt-advice", "loneliness"}),
        ("Housing: council flat, fine.", set()),
        ("Housing: problems with damp.", {"housing"}),
        ("Past medical history\n- Anxiety\n\nLonely.", {"loneliness"}),
        ("She is lonley and feels anxoius.", {"loneliness", "anxiety"}),
        ("He's no sleepin and he's greetin a' the time.", {"sleep", "low-mood"}),
        ("Her husband drinks.", set()),
        ("I look after my mum, who has dementia.", {"carers"}),
    ],
)
def test_labels_answers_slips_and_scots_are_understood(letter: str, needs: set[str]) -> None:
    assert {sign.code for sign in read(letter).needs} == needs


def test_what_is_told_more_often_weighs_more() -> None:
    (sign,) = read("She is lonely. She has no friends. Nobody comes to the door. She feels isolated.").needs
    assert (sign.code, sign.weight) == ("loneliness", 3)


def test_what_one_may_choose_gives_way_to_a_refusal_and_a_habit_to_its_end() -> None:
    assert not read("Offered counselling. She does not want counselling.").needs
    assert not read("Alcohol dependence. No longer drinks.").needs
    assert {sign.code for sign in read("Low mood. Denies low mood at work.").needs} == {"low-mood"}
