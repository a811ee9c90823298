"""The forms of a page as a browser reads them, to be sent without one."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """Where it goes, and what it says: each field's values, but for files."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def value(self, name: str) -> str:
        (value,) = self.fields[name]
        return value


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "textarea":
            self._text = given.get("name", ""), []
        elif tag == "input" and given.get("type") != "file" and self.forms and "name" in given:
            self.forms[-1].fields.setdefault(given["name"], []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text:
            name, parts = self._text
            # As HTML has it: no line break right after the tag, and CRLF on the wire.
            lines = "".join(parts).replace("\r\n", "\n").removeprefix("\n").replace("\n", "\r\n")
            self.forms[-1].fields.setdefault(name, []).append(lines)
            self._text = None


def composer_in(page: str, parent_id: str = "") -> Form:
    """Return the form that sends, to the conversation or to this thread."""
    reader = _Reader()
    reader.feed(page)
    sending = [form for form in reader.forms if form.action.endswith("/messages")]
    (found,) = [form for form in sending if form.fields.get("parentId", [""]) == [parent_id]]
    return found
