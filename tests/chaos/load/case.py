"""A case on a link worker's screen: each form is sent from the page that came after the last, which is cheap."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence

from deploy.demo.driver.pages import Form, Proposal
from tests.acceptance.browser import Browser, Sight
from tests.acceptance.people import Input
from tests.acceptance.users import LinkWorker

TRIES = 4
LOOKS = 15
LOOK_AGAIN_SECONDS = 1.0
KINDS = ("phone", "visit", "meeting")
SPOKEN_OF = ("ferrets", "accordions", "kippers")
LIKED = 0.5
"""The share of choices in which those who are asked otherwise than by mail come first."""
CLOSED_WITH = ("less-lonely", "gets-out-more", "confidence", "learning")

Fill = Callable[[Sight, Form], None]


class Desk(LinkWorker):
    """A link worker whose browser shows several cases at a time."""

    @property
    def browser(self) -> Browser:
        """The browser, in which somebody is signed in once a page was opened."""
        return self._browser


class Case:
    """One case; each act says whether it was taken, and raises NoSuchForm where the case does not allow it any more."""

    def __init__(self, desk: Desk, referral: str) -> None:
        self._desk, self._path = desk, f"/referrals/{referral}"
        self._page: Sight | None = None

    async def find(self) -> None:
        """Open it until it shows what services fit, or as it is after a while."""
        for _ in range(LOOKS):
            self._page = await self._desk.open(self._path)
            if self._page.status == 200 and (self._page.is_matched or self._page.state != "open"):
                return
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def record(self, chance: random.Random) -> bool:
        """Record a conversation, with a note."""
        note = f"Spoke of {chance.choice(SPOKEN_OF)} until the kettle whistled."
        said = {"kind": chance.choice(KINDS), "reached": "yes", "note": note}
        self._desk.world.inputs.append(Input(f"a note of {self._desk.party.id}", (), (note,)))

        def fill(_page: Sight, form: Form) -> None:
            for name, value in said.items():
                form.fill(name, value)

        return await self._send("contact-form", fill)

    async def choose(self, many: int, chance: random.Random) -> bool:
        """Write down which services the person chose: so many, or what there is."""
        dice, cast = chance.random(), self._desk.world.cast
        organisations = (*cast.with_webhook, *cast.with_topic) if chance.random() < LIKED else ()
        liked = [name.split()[0] for name in organisations]

        def fill(page: Sight, form: Form) -> None:
            for rank, (proposal, need) in enumerate(ranked(page.proposals, many, dice, liked).items(), start=1):
                form.fill_field(f"rank-{proposal.number}", str(rank))
                form.fill_field(f"need-for-{proposal.number}", need)
                form.tick(f"share-{proposal.number}-name")
            form.tick("agreed")

        return await self._send("choices-form", fill)

    async def close(self, chance: random.Random) -> bool:
        """Close it as completed, with an outcome."""
        outcome = chance.choice(CLOSED_WITH)

        def fill(_page: Sight, form: Form) -> None:
            form.fill("reason", "completed")
            form.fill_field("final-outcome-1", outcome)

        self._page = None  # organisations have answered meanwhile, so what was seen last may be stale
        return await self._send("close-form", fill)

    async def _send(self, form_id: str, fill: Fill) -> bool:
        """Fill in a form and send it, afresh when somebody was quicker.

        Raises:
            NoSuchForm: the page does not have it.
        """
        for _ in range(TRIES):
            page = self._page or await self._desk.open(self._path)
            form = page.form(form_id)
            fill(page, form)
            answer = await self._desk.browser.press(form)
            self._page = answer
            if answer.status == 200 and not answer.refused:
                return True
            if not answer.refused:  # an error does not show how the case stands now
                self._page = None
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
        return False


def ranked(proposals: Sequence[Proposal], many: int, dice: float, liked: Sequence[str] = ()) -> Mapping[Proposal, str]:
    """Choose services and say for which need, the best liked first: those that have one of these words in their name.

    Mostly all are for one need, so that they are asked one after the other; now and then each is for its own.
    `dice`, from 0 to 1, decides on that and on the need.
    """
    first = [proposal for proposal in proposals if any(word in proposal.name for word in liked)]
    in_order = [*first, *(proposal for proposal in proposals if proposal not in first)]
    if dice < 0.2:
        return {proposal: proposal.needs[0] for proposal in in_order[:many] if proposal.needs}
    needs = list(dict.fromkeys(need for proposal in first or in_order for need in proposal.needs))
    wanted = needs[int(dice * len(needs))] if needs else ""
    return dict.fromkeys([proposal for proposal in in_order if wanted in proposal.needs][:many], wanted)
