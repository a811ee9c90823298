"""Where an act comes from, as services are told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a request: its address, its User-Agent, the origin of its page for the claim `azp`, if any.

    `device` is the token of a device that has signed in before. `former` is the session token that it had so far: its
    session ends where another one begins.
    """

    address: str
    agent: str = ""
    origin: str | None = None
    device: str | None = None
    former: str | None = None
