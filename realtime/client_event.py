"""Declares which methods of a consumer are events that clients may send."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from rest_framework import serializers as drf

from foundation.validation import validated

from .dispatcher import Deferred, EventDispatcher, Result

SerializerClass = type[drf.Serializer[Any]]
# A method that takes the fields of the input serializer as keyword arguments.
Method = TypeVar("Method", bound=Callable[..., Awaitable[Result | Deferred]])

_DECLARATION = "client_event"


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """An event that clients may send (`realtime.dispatcher.EventHandler`); its name is that of the method."""

    name: str
    input: SerializerClass
    output: SerializerClass | None
    pipelined: bool
    answer: str | None = None

    async def handle(self, consumer: EventDispatcher, data: Any) -> Result | Deferred:
        result: Result | Deferred = await getattr(consumer, self.name)(**validated(self.input, data))
        return result


def event(
    input: SerializerClass,
    output: SerializerClass | None = None,
    *,
    pipelined: bool = False,
    answer: str | None = None,
) -> Callable[[Method], Method]:
    """Declare a method as the event of its name.

    `input` checks the event's data and gives the method its arguments; `output` describes what it returns, which the
    acknowledgement has beside `ok`. A `pipelined` event is handled while results of earlier ones are pending. `answer`
    is the event that brings the result to a client that asked for no acknowledgement.
    """

    def declare(method: Method) -> Method:
        setattr(method, _DECLARATION, ClientEvent(method.__name__, input, output, pipelined, answer))
        return method

    return declare


def declared_events(consumer: type) -> dict[str, ClientEvent]:
    """Return the events that a class declares itself, by name; raises `TypeError` for a name that its bases need."""
    methods = {name: method for name, method in vars(consumer).items() if hasattr(method, _DECLARATION)}
    for name in methods:
        inherited = [getattr(base, name) for base in consumer.__mro__[1:] if hasattr(base, name)]
        if not all(hasattr(method, _DECLARATION) for method in inherited):
            raise TypeError(f"{consumer.__name__}.{name} cannot be an event: every consumer has a method of that name.")
    return {name: getattr(method, _DECLARATION) for name, method in methods.items()}
