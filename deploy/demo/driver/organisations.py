"""Play the organisations: each is asked in the way that it wants, and answers on the page behind its link."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from deploy.demo.driver.book import Book, reference
from deploy.demo.driver.browser import Browser
from deploy.demo.driver.calling import Caller, Surprised, Unanswered
from deploy.demo.driver.cast import Cast
from deploy.demo.driver.hook import Endpoint
from deploy.demo.driver.pages import NoSuchForm, Page
from deploy.demo.driver.post import Post
from deploy.demo.driver.samples import Answer, Plan
from deploy.demo.driver.topic import PartnerTopic

FOR_EVER = 10.0**9
THINKING_SECONDS = 0.6
MAIL_SECONDS = 30.0
# So many organisations are shown to look up how to reach the person.
MOST_LOOKED = 4
ANSWERED = {"accepted": "accept-form", "declined": "decline-form"}


@dataclass(frozen=True)
class Question:
    """An offer as an organisation has it: about which referral, behind which link, and by which way it came."""

    about: str
    link: str
    organisation: str
    mail: str
    way: str


@dataclass(frozen=True)
class Involved:
    """A referral of this run, as organisations may come to hear of it."""

    referral: str
    plan: Plan


class Organisations:
    """All organisations of the directory."""

    def __init__(self, caller: Callable[[], Caller], cast: Cast, post: Post, book: Book) -> None:
        self._caller, self._cast, self._post, self._book = caller, cast, post, book
        # They have no account and need no cookie to answer.
        self._browser = Browser(caller())
        self._involved: dict[str, Involved] = {}
        self._asked: defaultdict[str, list[str]] = defaultdict(list)
        self._accepted: dict[str, Question] = {}
        self._looked: set[str] = set()

    def involve(self, referral: str, plan: Plan) -> None:
        """Let them know what they will answer about a referral; they know it by its reference."""
        self._involved[reference(referral)] = Involved(referral, plan)

    def was_asked(self, referral: str) -> bool:
        """Whether anybody was asked about a referral."""
        return bool(self._asked[reference(referral)])

    async def read_mail(self, topics: dict[str, PartnerTopic]) -> None:
        """Answer what comes by mail, for ever; who has a topic answers when both have told."""
        async with asyncio.TaskGroup() as group:
            while True:
                letter = await self._post.next("offer", within=FOR_EVER)
                topic = topics.get(letter.name)
                way = "topic" if topic else "mail"
                question = Question(letter.about, letter.link, letter.name, letter.to, way)
                group.create_task(self._answer(question, topic))

    async def read_webhooks(self, endpoint: Endpoint) -> None:
        """Answer what comes by webhook, for ever."""
        name = next(iter(self._cast.with_webhook), "An organisation")
        async with asyncio.TaskGroup() as group:
            while True:
                delivered = await endpoint.deliveries.get()
                if delivered.type.startswith("linkway.partner.offer-made."):
                    about = reference(str(delivered.data["referral"]))
                    question = Question(about, str(delivered.data["answer_url"]), name, "", "webhook")
                    group.create_task(self._answer(question, None))

    async def tell_whether_they_came(self, referral: str, *, came: bool) -> None:
        """Let the organisation that took the person on say whether they came."""
        question = self._accepted.get(reference(referral))
        if question is None:
            return
        form = (await self._browser.open(question.link)).form("attendance-form")
        _let_through(await self._browser.press(form, {"attended": "yes" if came else "no"}))
        self._book.tell(
            question.organisation, "says that they came" if came else "says that they did not come", referral
        )

    async def _answer(self, question: Question, topic: PartnerTopic | None) -> None:
        """Answer one question as planned; what belongs to an earlier day is left alone."""
        involved = self._involved.get(question.about)
        if involved is None or question.link in self._asked[question.about]:
            return
        before = self._asked[question.about]
        answer = involved.plan.answer_to(len(before))
        before.append(question.link)
        self._book.counts["offers"] += 1
        try:
            if topic and not await topic.told_of(involved.referral):
                self._book.wonder(question.organisation, "its topic did not tell of an offer that a mail told of")
            await asyncio.sleep(THINKING_SECONDS)
            await self._say(question, answer, involved.referral)
        except (Surprised, Unanswered) as error:
            self._book.wonder(question.organisation, str(error))

    async def _say(self, question: Question, answer: Answer, referral: str) -> None:
        asked = {"mail": "by mail", "webhook": "by a signed webhook", "topic": "on its Kafka topic"}[question.way]
        who = f"{question.organisation}, asked {asked},"
        if answer.answer == "silent":
            self._book.tell(who, "stays silent", referral)
            return
        page = await self._browser.open(question.link)
        if page.standing != "open":  # withdrawn before they came to it
            self._book.tell(who, f"finds it {page.standing}", referral)
            return
        form = page.form(ANSWERED[answer.answer])
        if answer.answer == "declined":
            form.fill("reason", answer.reason)
        after = await self._browser.press(form)
        if after.status == httpx.codes.GONE:
            self._book.tell(who, "finds that it has ended meanwhile", referral)
            return
        _let_through(after)
        said = "has a place" if answer.answer == "accepted" else f"says no: {answer.reason.replace('-', ' ')}"
        self._book.tell(who, said, referral)
        if answer.answer == "accepted":
            self._accepted[question.about] = question
            await self._look(question)

    async def _look(self, question: Question) -> None:
        """Let an organisation see what the person agreed that it may know, by a mail to an address of its own."""
        addresses = self._cast.addresses.get(question.organisation)
        if not addresses or len(self._looked) == MOST_LOOKED or question.organisation in self._looked:
            return
        self._looked.add(question.organisation)
        browser = Browser(self._caller())
        try:
            asking = (await browser.open(question.link)).form("contact-details-form")
        except NoSuchForm:
            return  # nothing was to be shared
        asked = await browser.press(asking)
        if asked.refused:  # the case has been closed meanwhile
            self._book.tell(question.organisation, "asks how to reach them, too late", self._id(question))
            return
        letter = await self._post.next("sign-in", to=addresses, within=MAIL_SECONDS)
        shown = await browser.press((await browser.open(letter.link)).form("sign-in-confirm-form"))
        if shown.status == httpx.codes.GONE:
            return  # the case has been closed meanwhile
        if not shown.shared:
            raise Surprised(f"was shown nothing of what was shared: {shown.title}")
        facts = ", ".join(shown.shared)
        self._book.tell(question.organisation, f"signs in and sees what was agreed: {facts}", self._id(question))

    def _id(self, question: Question) -> str:
        return self._involved[question.about].referral


def _let_through(page: Page) -> None:
    if page.status != 200 or page.refused:
        raise Surprised(f"was refused: {page.refused or page.title} ({page.status})")
