"""Needs are read in many hands' words, and facts, refusals and what is over are read as none."""

import pytest

from referral_intake.triage.reader import read

TOLD = [
    ("money-advice", "She cannot see how she will pay the rent this winter."),
    ("money-advice", "Their finances are in a mess since the split."),
    ("debt-advice", "He owes the council and two catalogues."),
    ("debt-advice", "Enforcement agents called twice this week."),
    ("debt-advice", "Behind with the car payments and hiding from the phone."),
    ("benefits-advice", "Nobody has told her about Attendance Allowance."),
    ("benefits-advice", "He wants to appeal after scoring no points."),
    ("energy-costs", "They sit in their coats because the heating costs too much."),
    ("energy-costs", "She cannot afford to put the heating on."),
    ("household-essentials", "The mattress is ruined and she cannot replace it."),
    ("household-essentials", "They were given a flat with no carpet and no cooker."),
    ("food", "The fridge was empty when I looked."),
    ("food", "She goes without meals so that the boys can eat."),
    ("healthy-eating", "He would like to learn to cook healthier meals."),
    ("healthy-eating", "Takeaways most nights and no vegetables."),
    ("housing", "Black mould on the bedroom wall and the landlord will not fix it."),
    ("housing", "Five of them in a two bed flat, overcrowded."),
    ("homelessness", "Sleeping in his van since Sunday."),
    ("homelessness", "She has no fixed abode."),
    ("home-adaptations", "He cannot get in and out of the bath."),
    ("home-adaptations", "She would like a grab rail by the toilet."),
    ("employment", "She is looking for work after being made redundant."),
    ("employment", "He would like a job coach."),
    ("volunteering", "She would love to help out in a charity shop."),
    ("volunteering", "Keen to give something back to the community."),
    ("learning", "He would like to go back to college."),
    ("learning", "Asked about an evening class in Italian."),
    ("literacy-and-numeracy", "He never learned to read and asks for a tutor."),
    ("english-language", "Wants English lessons."),
    ("english-language", "Her daughter translates for her at the surgery."),
    ("digital-skills", "He has no idea how to use the tablet."),
    ("digital-skills", "Would like someone to show her the internet."),
    ("loneliness", "She can go all week without speaking to a soul."),
    ("loneliness", "He feels cut off and very alone."),
    ("befriending", "Would like a volunteer to visit for a chat."),
    ("befriending", "A regular visitor would be welcome."),
    ("social-groups", "He would enjoy a lunch club."),
    ("social-groups", "New to the area and wants to meet people."),
    ("peer-support", "He would like to talk to others who have been through the same."),
    ("lgbt-support", "He came out as gay last year and has nobody to talk to."),
    ("lgbt-support", "Asking about an LGBT group."),
    ("low-mood", "She feels flat and tearful most days."),
    ("low-mood", "He has lost interest in everything."),
    ("anxiety", "She has panic attacks on the bus."),
    ("anxiety", "He worries about everything all night."),
    ("stress", "She is burnt out and snowed under."),
    ("sleep", "He lies awake until four."),
    ("sleep", "Not slept properly for weeks."),
    ("confidence", "Her confidence has gone."),
    ("confidence", "He thinks he is stupid and is afraid people will laugh."),
    ("emotional-support", "She would like counselling."),
    ("emotional-support", "He bottles it all up and needs somebody to listen."),
    ("mental-health-support", "She hears voices and would like support in the community."),
    ("bereavement", "He is struggling since his wife died in May."),
    ("bereavement", "She is stuck in her grief."),
    ("suicide-bereavement", "Her brother took his own life in spring."),
    ("trauma", "He has flashbacks to the crash."),
    ("alcohol", "She drinks a bottle of wine every night."),
    ("alcohol", "He wants to cut down his drinking."),
    ("drugs", "He uses cocaine daily and wants to stop."),
    ("gambling", "He cannot stop betting and has lost his wages."),
    ("health-and-wellbeing", "Would like a health coach."),
    ("physical-activity", "She would like to get fitter and asks about swimming."),
    ("physical-activity", "He sits in a chair all day and his legs are weak."),
    ("weight-management", "She wants to lose two stone."),
    ("smoking", "He smokes twenty a day and wants to stop."),
    ("long-term-condition", "She was newly diagnosed with diabetes and does not know how to manage it."),
    ("chronic-pain", "Her back pain is constant and nothing helps."),
    ("falls-prevention", "He has fallen three times this month."),
    ("falls-prevention", "She is unsteady on her feet and afraid of falling."),
    ("cancer-support", "He has just been diagnosed with bowel cancer and is terrified."),
    ("end-of-life", "She has weeks to live and wants to talk about dying at home."),
    ("dementia", "Her memory is getting worse and she forgets her tablets."),
    ("sensory-loss", "He cannot hear the doorbell."),
    ("sensory-loss", "Her sight is failing and she cannot read the labels."),
    ("disability-support", "He would like help with direct payments."),
    ("neurodiversity", "She is waiting for an autism assessment."),
    ("walking", "He would like to join a walking group."),
    ("gardening", "She misses her allotment."),
    ("arts-and-crafts", "He would like a pottery class."),
    ("music-and-singing", "She would love to join a choir."),
    ("carers", "He looks after his wife night and day and is exhausted."),
    ("respite", "She needs a break from caring."),
    ("parenting", "She is struggling with the toddler's tantrums."),
    ("relationships", "They argue all the time and want couples counselling."),
    ("domestic-abuse-support", "Her ex-partner keeps threatening her."),
    ("sexual-violence-support", "She was raped last year and has never told anybody."),
    ("keeping-safe", "She gave a caller her bank details and lost £900."),
    ("legal-advice", "He needs a solicitor about contact with the children."),
    ("immigration-advice", "Her visa expires soon and she needs advice."),
    ("leaving-prison", "Released from prison on Friday and needs help to settle."),
    ("advocacy", "She would like an advocate at the review."),
    ("advocacy", "He wants somebody beside him at the meeting."),
    ("form-filling", "She cannot fill in the form from the council."),
    ("veterans", "Served in the army and misses the lads."),
    ("practical-support", "She can no longer manage the housework."),
    ("transport", "He has no way of getting to his appointments."),
    ("shopping-and-errands", "Nobody to collect his prescriptions."),
]

NOT_A_NEED = [
    "Has had type 2 diabetes since 2011, well controlled.",
    "Heart failure specialist nurse",
    "Stroke unit, summary",
    "She walks to the shops.",
    "He lives in sheltered housing.",
    "Retired bus driver.",
    "She sees her sister daily.",
    "Our support worker will phone on Monday.",
    "The rent is paid by standing order.",
    "He would stress that the dose must not be doubled.",
    "An isolated raised potassium was normal on repeat.",
    "We would advocate a low dose.",
    "He worked as a gas fitter.",
    "The trauma ward is on the second floor.",
    "I am much in your debt for seeing him.",
    "She was offered a befriender and did not want one.",
    "A lunch club was mentioned, he would rather not.",
    "He had counselling years ago and no longer needs it.",
    "She lives alone by choice and is not isolated.",
    "He cleared his debts in 2024 and is managing well now.",
    "Her niece has been made homeless.",
    "He may want a visitor when his son moves away, but not yet.",
    "Offered a walking group, not interested.",
    "She has a solicitor and needs nothing further.",
]


@pytest.mark.parametrize(("need", "letter"), TOLD)
def test_a_need_is_read_in_whatever_words_it_is_told(need: str, letter: str) -> None:
    assert need in {sign.code for sign in read(letter).needs}


@pytest.mark.parametrize("letter", NOT_A_NEED)
def test_a_fact_a_refusal_or_what_is_over_is_no_need(letter: str) -> None:
    assert not read(letter).needs


def test_of_two_needs_in_a_clause_the_general_one_gives_way_to_the_particular() -> None:
    assert {sign.code for sign in read("They would like couples counselling.").needs} == {"relationships"}
    assert {sign.code for sign in read("His brother took his own life.").needs} == {"suicide-bereavement"}


def test_what_the_rest_of_a_sentence_takes_back_is_ruled_out_and_what_it_goes_on_to_tell_is_not() -> None:
    taken_back = read("He was offered an advocate and preferred to speak for himself.")
    assert not taken_back.needs
    assert {(out.code, out.why) for out in taken_back.ruled_out} == {("advocacy", "refused")}
    goes_on = read("He was offered a lunch club and turned it down, but he is lonely.")
    assert {sign.code for sign in goes_on.needs} == {"loneliness"}
