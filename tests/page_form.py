"""Reads the forms of a page, so that a test can submit them as a browser would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form's action, the values of its fields by name, without file fields, and those of its buttons."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: dict[str, list[str]] = field(default_factory=dict)

    def value(self, name: str) -> str:
        (value,) = self.fields[name]
        return value


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if attributes.get("type") in ("checkbox", "radio") and "checked" not in attributes:
            return
        if tag == "form":
            self.forms.append(Form(attributes.get("action", "")))
        elif tag == "textarea":
            self._text = attributes.get("name", ""), []
        elif tag == "button" and self.forms and "name" in attributes:
            self.forms[-1].buttons.setdefault(attributes["name"], []).append(attributes.get("value", ""))
        elif tag == "input" and attributes.get("type") != "file" and self.forms and "name" in attributes:
            self.forms[-1].fields.setdefault(attributes["name"], []).append(attributes.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text:
            name, parts = self._text
            # HTML drops a line break right after the tag, and submits CRLF.
            lines = "".join(parts).replace("\r\n", "\n").removeprefix("\n").replace("\n", "\r\n")
            self.forms[-1].fields.setdefault(name, []).append(lines)
            self._text = None


def forms_in(page: str) -> list[Form]:
    parser = _FormParser()
    parser.feed(page)
    return parser.forms


def composer_in(page: str, parent_id: str = "") -> Form:
    """Return the form that sends a message to the conversation, or a reply to the thread of `parent_id`."""
    composers = [form for form in forms_in(page) if form.action.endswith("/messages")]
    (composer,) = [form for form in composers if form.fields.get("parentId", [""]) == [parent_id]]
    return composer
