"""The world outside: mail servers and organisations' endpoints that refuse, hang, or forget to say what they did."""

import asyncio
from typing import Literal

from tests.chaos.proxy import Trouble
from tests.chaos.scene import Scene
from tests.chaos.schedule import Planned


async def smtp_4xx(scene: Scene, fault: Planned) -> None:
    """Have the mail server send everybody away until later."""
    await _mail(scene, fault, "refuse")


async def smtp_hang(scene: Scene, fault: Planned) -> None:
    """Have the mail server say nothing."""
    await _mail(scene, fault, "black-hole")


async def smtp_reset(scene: Scene, fault: Planned) -> None:
    """Have connections cut when the mail server has taken a mail and is about to say so: nobody can know."""
    await _mail(scene, fault, "cut-at-answer")


async def webhook_500(scene: Scene, fault: Planned) -> None:
    """Have the organisations' endpoint fail."""
    await _webhooks(scene, fault, "fails")


async def webhook_hang(scene: Scene, fault: Planned) -> None:
    """Have the organisations' endpoint take what comes and answer too late."""
    await _webhooks(scene, fault, "hangs")


async def _mail(scene: Scene, fault: Planned, trouble: Trouble) -> None:
    await scene.mail.begin(trouble)
    try:
        await asyncio.sleep(fault.seconds)
    finally:
        await scene.mail.end_all()


async def _webhooks(scene: Scene, fault: Planned, mood: Literal["fails", "hangs"]) -> None:
    scene.receiver.mood = mood
    try:
        await asyncio.sleep(fault.seconds)
    finally:
        scene.receiver.mood = "well"
