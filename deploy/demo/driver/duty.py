"""Play the duty contact: reads what a machine may not decide alone, and decides it by name."""

import httpx
import orjson

from deploy.demo.driver.book import Book
from deploy.demo.driver.calling import Call, Caller, Surprised
from deploy.demo.driver.cast import Party
from deploy.demo.driver.post import Post
from deploy.demo.driver.samples import JSON

MAIL_SECONDS = 90.0


class DutyContact:
    """The programme's duty contact; until there is a page for it, the decision goes in by the operators' door."""

    def __init__(self, party: Party, caller: Caller, post: Post, book: Book) -> None:
        self.party = party
        self._caller, self._post, self._book = caller, post, book

    async def decide_return(self, referral: str, decision: str) -> None:
        """Wait for the mail that asks, and confirm a proposed return or keep the referral."""
        await self._post.next("notice", about=referral, to=[self.party.mail], within=MAIL_SECONDS)
        body = orjson.dumps({"by": "duty-team-leader", "decision": decision})
        call = Call("POST", f"/internal/returns/{referral}", body, {"Content-Type": JSON})
        answer = await self._caller.send(call)
        if answer.status_code not in (httpx.codes.OK, httpx.codes.CONFLICT):
            raise Surprised(f"a decision about a return was answered {answer.status_code}")
        said = "confirms that it goes back" if decision == "confirm" else "keeps it"
        self._book.tell(self.party.name, said, referral)
