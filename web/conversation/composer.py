"""The composer, the form to write a message in, of a group or a thread: empty, or filled after a failed send."""

from dataclasses import dataclass, field

from foundation.ids import new_id


@dataclass(frozen=True, slots=True)
class Composer:
    """The fields of the form; `parent_id` is the thread's, and empty for the group itself.

    `after` is set only for a retry: the first try may have stored the message, so everything is sent as it was then.
    """

    parent_id: str = ""
    text: str = ""
    # Made with the page, so that a double click, or a POST that the browser repeats, is stored once.
    client_id: str = field(default_factory=lambda: new_id("page"))
    after: str | None = None
    attachments: tuple[str, ...] = ()
    files_lost: bool = False

    @property
    def is_retry(self) -> bool:
        return self.after is not None


def composers(filled: Composer | None) -> dict[str, Composer]:
    """Return the group's and the thread's composer, one of them `filled` if a send has failed."""
    by_name = {"composer": Composer(), "reply_composer": Composer()}
    if filled:
        by_name["reply_composer" if filled.parent_id else "composer"] = filled
    return by_name
