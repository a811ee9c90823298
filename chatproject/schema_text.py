"""JSON Schemas as people read them: an object's fields, each with its type as text."""

from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
_REF = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class TypeText:
    """A piece of a type's text; `type_name` is set where it names one of the document's types, to link to it."""

    text: str
    type_name: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: list[TypeText]
    required: bool
    description: str


def type_name(reference: Schema) -> str:
    """Return the name of the type that a schema refers to."""
    return str(reference["$ref"]).removeprefix(_REF)


def fields_of(schema: Schema) -> list[Field]:
    """Return the fields of an object's schema."""
    return [
        Field(name, type_text(field), name in schema.get("required", ()), field.get("description", ""))
        for name, field in schema.get("properties", {}).items()
    ]


def type_text(schema: Schema) -> list[TypeText]:
    """Return a value's type as text: its kind and limits, its choices, or the name of its type."""
    match schema:
        case {"$ref": _}:
            text = [TypeText(type_name(schema), type_name=type_name(schema))]
        case {"allOf": [inner, *_]}:
            text = type_text(inner)
        case {"enum": choices}:
            text = [TypeText(" or ".join("null" if choice is None else f'"{choice}"' for choice in choices))]
        case {"type": "array", "items": items}:
            text = [TypeText("list of "), *type_text(items)]
        case {"type": "object", **rest}:
            text = [TypeText("object of "), *type_text(rest.get("additionalProperties") or {})]
        case {"type": [kind, "null"], **rest}:
            text = [*type_text({**rest, "type": kind}), TypeText(" or null")]
        case {"type": kind}:
            text = [TypeText(kind), *_limits(schema)]
        case _:
            text = [TypeText("anything")]
    return text


def _limits(schema: Schema) -> list[TypeText]:
    """Return a string's maximum length, or a number's bounds unless they are those of all our integers."""
    if "maxLength" in schema:
        return [TypeText(f", up to {schema['maxLength']} characters")]
    if schema.get("maximum", 2**53) < 2**53 - 1:
        return [TypeText(f", {schema.get('minimum', 0)} to {schema['maximum']}")]
    return []
