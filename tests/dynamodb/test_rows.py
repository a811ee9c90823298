"""Rows are converted to items and back exactly as PynamoDB itself does it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError
from pynamodb.models import Model

from dynamodb.rows import Codec, Item, Row, get_codec
from groups.log.entry import Entry
from groups.rows import GroupRow
from users.models import UserRow

pytestmark = pytest.mark.unit

TABLES: list[type[Row]] = [Entry, GroupRow, UserRow]
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES: dict[type[Any], st.SearchStrategy[Any]] = {
    UnicodeAttribute: text,
    NumberAttribute: st.integers(-(10**15), 10**15) | st.floats(-1e6, 1e6) | st.sampled_from([0, -0.5]),
    BooleanAttribute: st.booleans(),
    JSONAttribute: st.dictionaries(text, text | st.none(), max_size=3) | st.lists(text, max_size=3),
    UnicodeSetAttribute: st.sets(text, max_size=3),
}


def values_of(table: type[Row]) -> st.SearchStrategy[dict[str, Any]]:
    """Any values of a table's row; optional ones are absent, None or present."""
    required: dict[str, Any] = {}
    optional: dict[str, Any] = {}
    for name, attribute in table.get_attributes().items():
        (optional if attribute.null else required)[name] = VALUES[type(attribute)]
    return st.fixed_dictionaries(required, optional={name: st.none() | value for name, value in optional.items()})


rows = st.sampled_from(TABLES).flatmap(lambda table: values_of(table).map(lambda values: table(**values)))


def sorted_sets(item: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        key: {kind: sorted(value) if kind == "SS" else value for kind, value in typed.items()}
        for key, typed in item.items()
    }


@given(rows)
def test_a_row_is_encoded_as_by_pynamodb(row: Row) -> None:
    assert sorted_sets(row.serialize()) == sorted_sets(Model.serialize(row))


@given(rows)
def test_an_item_is_decoded_as_by_pynamodb(row: Row) -> None:
    item = row.serialize()
    decoded, expected = type(row).from_raw_data(item), type(row)()
    Model.deserialize(expected, item)
    assert decoded.attribute_values == expected.attribute_values


@given(rows)
def test_a_put_of_a_transaction_is_that_of_pynamodb(row: Row) -> None:
    absent = type(row).get_attributes()[str(row._hash_keyname)].does_not_exist()
    for condition in (None, absent, absent | (UserRow.name == "x")):
        put = row.get_save_kwargs_from_instance(condition=condition)
        expected = Model.get_save_kwargs_from_instance(row, condition=condition)
        assert {**put, "Item": sorted_sets(put["Item"])} == {**expected, "Item": sorted_sets(expected["Item"])}


def test_a_row_takes_its_keys_as_positional_arguments() -> None:
    row = GroupRow("group_1", "group", name="Harbour")
    assert row.attribute_values == {"group_id": "group_1", "item": "group", "name": "Harbour"}


def test_an_unknown_attribute_is_an_error() -> None:
    with pytest.raises(ValueError, match="nmae"):
        GroupRow("group_1", "group", nmae="Harbour")


def test_a_row_without_a_required_attribute_is_not_written() -> None:
    with pytest.raises(AttributeNullError, match="nameShard"):
        UserRow("user_1", "profile", name="Alice", created_at="now", updated_at="now").serialize()


def test_unknown_attributes_and_nulls_of_an_item_are_left_out() -> None:
    item: Item = {"groupId": {"S": "g"}, "item": {"S": "group"}, "colour": {"S": "red"}, "name": {"NULL": True}}
    assert GroupRow.from_raw_data(item).attribute_values == {"group_id": "g", "item": "group"}


def test_an_attribute_of_another_type_is_an_error() -> None:
    with pytest.raises(AttributeDeserializationError):
        GroupRow.from_raw_data({"groupId": {"N": "1"}, "item": {"S": "group"}})


@pytest.mark.parametrize("table", TABLES)
def test_the_codec_supports_every_table_and_is_made_once(table: type[Row]) -> None:
    assert get_codec(table) is get_codec(table)


@pytest.mark.parametrize("attribute", [BinaryAttribute(legacy_encoding=False), UnicodeAttribute(default="x")])
def test_an_unsupported_attribute_is_an_error(attribute: Any) -> None:
    with pytest.raises(TypeError, match="colour"):
        Codec({"colour": attribute})
