"""What is plainer said by a nearer need: of the needs of one clause, the general ones give way to the particular."""

from collections.abc import Collection, Mapping

_NEARER: Mapping[str, frozenset[str]] = {
    general: frozenset(nearer.split())
    for general, nearer in {
        "emotional-support": "bereavement suicide-bereavement relationships sexual-violence-support lgbt-support "
        "cancer-support end-of-life trauma veterans drugs mental-health-support anxiety peer-support sleep carers "
        "domestic-abuse-support long-term-condition",
        "peer-support": "neurodiversity veterans dementia carers chronic-pain lgbt-support alcohol gambling drugs",
        "social-groups": "peer-support dementia lgbt-support veterans volunteering learning music-and-singing "
        "neurodiversity mental-health-support disability-support english-language walking",
        "long-term-condition": "carers sensory-loss energy-costs practical-support chronic-pain peer-support "
        "employment music-and-singing housing dementia healthy-eating confidence arts-and-crafts cancer-support "
        "mental-health-support falls-prevention disability-support weight-management",
        "literacy-and-numeracy": "sensory-loss befriending shopping-and-errands end-of-life neurodiversity",
        "bereavement": "suicide-bereavement end-of-life",
        "domestic-abuse-support": "sexual-violence-support",
        "keeping-safe": "domestic-abuse-support sexual-violence-support employment",
        "employment": "stress money-advice benefits-advice",
        "stress": "carers parenting respite employment",
        "healthy-eating": "food low-mood weight-management",
        "money-advice": "energy-costs legal-advice gambling household-essentials food leaving-prison benefits-advice "
        "debt-advice transport digital-skills immigration-advice",
        "learning": "literacy-and-numeracy english-language digital-skills healthy-eating sensory-loss stress",
        "anxiety": "mental-health-support trauma cancer-support dementia debt-advice",
        "drugs": "chronic-pain sleep",
        "befriending": "advocacy respite volunteering peer-support relationships lgbt-support walking",
        "loneliness": "befriending lgbt-support leaving-prison domestic-abuse-support home-adaptations "
        "cancer-support shopping-and-errands",
        "legal-advice": "advocacy immigration-advice",
        "housing": "homelessness",
        "physical-activity": "falls-prevention walking dementia veterans",
        "practical-support": "gardening home-adaptations",
    }.items()
}  # fmt: skip


def left_by_nearer(codes: Collection[str]) -> frozenset[str]:
    """Give those of the needs of one clause that a nearer one there says better."""
    return frozenset(code for code in codes if not _NEARER.get(code, frozenset()).isdisjoint(codes))
