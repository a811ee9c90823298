"""The forms of an address: what each of its methods takes, with an example, from the API's own description."""

import json
from dataclasses import dataclass
from typing import Any

from chatproject.openapi.document import document
from chatproject.schema_text import Field, fields_of, type_text
from foundation.errors import Unavailable
from foundation.operations import operation_of

Schema = dict[str, Any]
_FORM = "multipart/form-data"
# Shown in forms though they are not required.
_WANTED = ("content",)


@dataclass(frozen=True, slots=True)
class Form:
    """How to call a method of an address: its body as JSON or as a form with files, or none."""

    method: str
    summary: str
    description: str
    fields: list[Field]
    example: str
    is_upload: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter; `value` is what this request has."""

    field: Field
    value: str
    placeholder: str


def forms_of(view: Any, query: Any) -> list[Form]:
    """Return the forms of a view's methods that change something; what is in the query is filled in."""
    found = ((method, _described(view, method)) for method in ("POST", "PUT", "PATCH", "DELETE"))
    return [_form(method, operation, query) for method, operation in found if operation]


def parameters_of(view: Any, query: Any) -> list[Parameter]:
    """Return the query parameters that a view's GET takes, with the values of this request."""
    operation = _described(view, "GET") or {}
    return [
        Parameter(
            Field(item["name"], type_text(item["schema"]), item.get("required", False), item.get("description", "")),
            query.get(item["name"], ""),
            str(item.get("example", "")),
        )
        for item in operation.get("parameters", ())
        if item["in"] == "query" and item["name"] != "format"
    ]


def summary_of(view: Any, method: str) -> str:
    """Return what a method of a view does, "" if it is not described."""
    return str((_described(view, method) or {}).get("description", ""))


def _described(view: Any, method: str) -> Schema | None:
    declared = operation_of(view, method)
    return _by_id().get(declared.id) if declared else None


def _by_id() -> dict[str, Schema]:
    """Return the operations by their names, none while there is no description: a page shows what it can."""
    try:
        paths = document()["paths"].values()
    except Unavailable:
        return {}
    return {operation["operationId"]: operation for path in paths for operation in path.values()}


def _form(method: str, operation: Schema, query: Any) -> Form:
    content = operation.get("requestBody", {}).get("content", {})
    kind = _FORM if _FORM in content else "application/json"
    media = content.get(kind, {})
    schemas = document()["components"]["schemas"]
    schema = schemas[media["schema"]["$ref"].rpartition("/")[2]] if media else {}
    return Form(
        method,
        operation["summary"],
        operation["description"].partition("\n")[2].strip(),
        fields_of(schema),
        _example(media["example"], schema, query) if media else "",
        kind == _FORM,
    )


def _example(example: Schema, schema: Schema, query: Any) -> str:
    """Return what to send as it would work: what is required, and no name that may be used once."""
    wanted = {*schema.get("required", ()), *_WANTED}
    filled = {name: query.get(name, value) for name, value in example.items() if name in wanted}
    return json.dumps(filled, indent=2, ensure_ascii=False)
