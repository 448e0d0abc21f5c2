"""Send requests as a practice's system does, until somebody answers, and write every answer into the book."""

import asyncio
import itertools
import time

import httpx

from deploy.demo.driver.calling import FIRST_PAUSE_SECONDS, ONE_TRY_SECONDS, TLS
from deploy.demo.driver.practice import referral_in
from tests.acceptance.world import World
from tests.chaos.book import ACKNOWLEDGED, Answer
from tests.chaos.load.messages import Message

PATIENCE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 3.0
SILENCE = 0
"""The status of an answer that did not come: refused, reset, or not within one try's time."""
INTAKE = "referral-intake"


class Doors:
    """The systems of all practices: they call the replicas of intake in turn, and share one client to be cheap."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._turns = itertools.count()
        # Proxies of the environment are not for this machine; while nobody answers, many requests are under way.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._client = httpx.AsyncClient(timeout=ONE_TRY_SECONDS, verify=TLS, trust_env=False, limits=limits)

    async def deliver(self, message: Message, answers: list[Answer], *, since: float) -> None:
        """Send a message until it is answered for good or patience is over; what comes of each sending is appended."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            answers.append(await self._once(message))
            if is_settled(answers[-1].status) or time.time() + pause > since + PATIENCE_SECONDS:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def act(self, message: Message) -> bool:
        """Send something about a referral in the same way; return whether it was taken."""
        answers: list[Answer] = []
        await self.deliver(message, answers, since=time.time())
        return answers[-1].status in ACKNOWLEDGED

    async def aclose(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def _once(self, message: Message) -> Answer:
        replicas = self._world.doors(INTAKE)
        address = f"{replicas[next(self._turns) % len(replicas)]}{message.path}"
        headers = {**message.headers, "Authorization": f"Bearer {self._world.keys[message.practice]}"}
        try:
            response = await self._client.post(address, content=message.body, headers=headers)
        except httpx.TransportError:
            return Answer(time.time(), SILENCE)
        at = time.time()
        named = referral_in(response.content, response.headers["content-type"]) if response.is_success else None
        return Answer(at, response.status_code, named)


def is_settled(status: int) -> bool:
    """Whether a status answers a request for good: yes, or a no that would be the same again."""
    return status not in (SILENCE, 429) and status < 500
