"""Converts PynamoDB rows to items and back, by a table that is computed once per model.

PynamoDB visits every attribute of the model for every row; for batches and pages of a log that is most of a call's CPU.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Self

from pynamodb.attributes import (
    Attribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

Item = dict[str, dict[str, Any]]
_Convert = Callable[[Any], Any] | None


class Row(Model):
    """A PynamoDB model whose rows are converted by a `Codec`."""

    def __init__(self, hash_key: Any = None, range_key: Any = None, **attributes: Any) -> None:
        if hash_key is not None:
            attributes[str(self._hash_keyname)] = hash_key
        if range_key is not None:
            attributes[str(self._range_keyname)] = range_key
        get_codec(type(self)).check_names(attributes)
        self.attribute_values = attributes

    def serialize(self, null_check: bool = True) -> Item:
        return get_codec(type(self)).encode(self.attribute_values, null_check=null_check)

    def deserialize(self, attribute_values: Item) -> None:
        self.attribute_values = get_codec(type(self)).decode(attribute_values)

    def get_save_kwargs_from_instance(
        self, condition: Condition | None = None, return_values_on_condition_failure: str | None = None
    ) -> dict[str, Any]:
        """Return the parameters of a put in a transaction."""
        put: dict[str, Any] = {"TableName": self.Meta.table_name, "Item": self.serialize()}
        if condition is not None:
            put |= _condition_parameters(condition)
        if return_values_on_condition_failure is not None:
            put["ReturnValuesOnConditionCheckFailure"] = return_values_on_condition_failure
        return put

    @classmethod
    def from_raw_data(cls, data: Item) -> Self:
        row = cls.__new__(cls)
        row.deserialize(data)
        return row


class Codec:
    """Converts attributes of these types, without defaults; raises `TypeError` for a model that has others."""

    _TYPES = (UnicodeAttribute, NumberAttribute, BooleanAttribute, JSONAttribute, UnicodeSetAttribute)

    def __init__(self, attributes: Mapping[str, Attribute[Any]]) -> None:
        self._encoders: dict[str, tuple[str, str, _Convert]] = {}
        self._decoders: dict[str, tuple[str, str, _Convert]] = {}
        self._required: set[str] = set()
        for name, attribute in attributes.items():
            if type(attribute) not in self._TYPES or (attribute.default, attribute.default_for_new) != (None, None):
                raise TypeError(f"{name}: this codec does not support this type of attribute or a default")
            key, kind = attribute.attr_name, attribute.attr_type
            encode, decode = _converters(attribute)
            self._encoders[name] = key, kind, encode
            self._decoders[key] = name, kind, decode
            if not attribute.null:
                self._required.add(key)

    def check_names(self, values: Mapping[str, Any]) -> None:
        """Raise `ValueError` for a name that is not an attribute of the model."""
        if unknown := values.keys() - self._encoders.keys():
            raise ValueError(f"no such attribute: {', '.join(sorted(unknown))}")

    def encode(self, values: Mapping[str, Any], *, null_check: bool = True) -> Item:
        """Return the item of these attribute values; None and empty sets are left out."""
        item: Item = {}
        for name, value in values.items():
            key, kind, encode = self._encoders[name]
            encoded = encode(value) if encode and value is not None else value
            if encoded is not None:
                item[key] = {kind: encoded}
        if null_check and not self._required <= item.keys():
            raise AttributeNullError(min(self._required - item.keys()))
        return item

    def decode(self, item: Item) -> dict[str, Any]:
        """Return the attribute values of this item; attributes that the model lacks are left out."""
        values, decoders = {}, self._decoders
        for key, typed in item.items():
            decoder = decoders.get(key)
            if decoder is None:
                continue
            name, kind, decode = decoder
            value = typed.get(kind)
            if value is not None:
                values[name] = decode(value) if decode else value
            elif "NULL" not in typed:
                raise AttributeDeserializationError(key, kind)
        return values


def _condition_parameters(condition: Condition) -> dict[str, Any]:
    """Return the request parameters of a condition, cached on it: the puts of a batch share one condition."""
    attributes = vars(condition)
    if "request_parameters" not in attributes:
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        parameters: dict[str, Any] = {"ConditionExpression": condition.serialize(names, values)}
        parameters["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
        if values:
            parameters["ExpressionAttributeValues"] = values
        attributes["request_parameters"] = parameters
    cached: dict[str, Any] = attributes["request_parameters"]
    return cached


@cache
def get_codec(model: type[Model]) -> Codec:
    return Codec(model.get_attributes())


def _converters(attribute: Attribute[Any]) -> tuple[_Convert, _Convert]:
    if isinstance(attribute, UnicodeAttribute):
        return None, None
    if isinstance(attribute, NumberAttribute):
        return _format_number, _parse_number
    return attribute.serialize, attribute.deserialize


def _format_number(number: float) -> str:
    return str(number) if type(number) is int else json.dumps(number)


def _parse_number(text: str) -> Any:
    return int(text) if text.isdecimal() else json.loads(text)
