"""A link worker does one thing at a time, and ends what is under way first."""

import asyncio

from deploy.demo.driver.desk import Desk, Task


async def take(desk: Desk, task: Task, name: str, done: list[str]) -> None:
    async with desk.turn(task):
        done.append(name)
        await asyncio.sleep(0)


async def test_ends_come_before_choices_and_these_before_conversations_and_equals_in_order() -> None:
    desk, done = Desk(), list[str]()
    async with desk.turn(Task.CONVERSATION):
        waiting = [
            asyncio.create_task(take(desk, task, name, done))
            for task, name in (
                (Task.CONVERSATION, "first talk"),
                (Task.CONVERSATION, "second talk"),
                (Task.CHOICE, "choice"),
                (Task.END, "end"),
            )
        ]
        await asyncio.sleep(0)
        assert done == []
    await asyncio.gather(*waiting)
    assert done == ["end", "choice", "first talk", "second talk"]


async def test_who_gave_up_waiting_keeps_nobody_from_their_turn() -> None:
    desk, done = Desk(), list[str]()
    async with desk.turn(Task.END):
        gone = asyncio.create_task(take(desk, Task.END, "gone", done))
        here = asyncio.create_task(take(desk, Task.CONVERSATION, "here", done))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
    await asyncio.wait_for(here, 1)
    assert done == ["here"]
    await asyncio.wait_for(take(desk, Task.CHOICE, "next", done), 1)


async def test_who_gave_up_just_when_called_passes_the_call_on() -> None:
    desk, done = Desk(), list[str]()
    async with desk.turn(Task.END):
        called = asyncio.create_task(take(desk, Task.END, "called", done))
        after = asyncio.create_task(take(desk, Task.CONVERSATION, "after", done))
        await asyncio.sleep(0)
    called.cancel()
    await asyncio.wait_for(after, 1)
    assert done == ["after"]
