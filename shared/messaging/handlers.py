"""Which function handles which event, read off the handlers module of a service."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from faststream import ContextRepo, apply_types

from shared.contracts import AgreementRevoked, Event, PersonErased, ReferralWithdrawn
from shared.messaging.tx import Tx

Handle = Callable[[Any, Tx], Awaitable[None]]

NEVER_WAITS: tuple[type[Event], ...] = (ReferralWithdrawn, AgreementRevoked, PersonErased)
"""Facts that stop something; they do not queue behind a parked message of their key."""


def consumes(*events: type[Event]) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Mark a function as the handler of one type of event (the archive's takes all)."""

    def mark(handler: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        handler.__consumes__ = events  # type: ignore[attr-defined]  # a mark, read by collect()
        return handler

    return mark


@dataclass(frozen=True, slots=True)
class Handler:
    """A handler and the name that ids and log lines know it by."""

    name: str
    event: type[Event]
    handle: Handle

    @property
    def waits(self) -> bool:
        """Whether this type queues behind a parked message of its key."""
        return self.event not in NEVER_WAITS


def collect(module: ModuleType, context: ContextRepo | None = None) -> Mapping[str, Handler]:
    """Return the handlers of a module by event type.

    Raises:
        ValueError: two functions consume the same type.
    """
    found: dict[str, Handler] = {}
    for name, function in inspect.getmembers(module, inspect.iscoroutinefunction):
        for event in getattr(function, "__consumes__", ()):
            if event.type in found:
                raise ValueError(f"{name} and {found[event.type].name} both consume {event.type}")
            found[event.type] = Handler(name, event, _with_context(function, context))
    return found


def _with_context(function: Callable[..., Awaitable[None]], context: ContextRepo | None) -> Handle:
    """Fill parameters beyond (event, tx) from FastStream's context; a plain handler stays a plain call."""
    if len(inspect.signature(function).parameters) <= 2 or context is None:
        return function
    return apply_types(function, serializer_cls=None, context__=context)
