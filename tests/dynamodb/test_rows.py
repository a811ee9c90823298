"""Rows become items and items rows exactly as PynamoDB itself makes them."""

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

from dynamodb.rows import Codec, Item, Row, codec_of
from groups.log.entry import Entry
from groups.models import GroupRow
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
    """Any values of a table's row; those that need not be there are absent, None or there."""
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
def test_a_row_becomes_the_item_that_pynamodb_makes_of_it(row: Row) -> None:
    assert sorted_sets(row.serialize()) == sorted_sets(Model.serialize(row))


@given(rows)
def test_an_item_becomes_the_row_that_pynamodb_makes_of_it(row: Row) -> None:
    item = row.serialize()
    ours, theirs = type(row).from_raw_data(item), type(row)()
    Model.deserialize(theirs, item)
    assert ours.attribute_values == theirs.attribute_values


@given(rows)
def test_a_put_of_a_transaction_is_the_one_that_pynamodb_makes(row: Row) -> None:
    absent = type(row).get_attributes()[str(row._hash_keyname)].does_not_exist()
    for condition in (None, absent, absent | (UserRow.name == "x")):
        ours = row.get_save_kwargs_from_instance(condition=condition)
        theirs = Model.get_save_kwargs_from_instance(row, condition=condition)
        assert {**ours, "Item": sorted_sets(ours["Item"])} == {**theirs, "Item": sorted_sets(theirs["Item"])}


def test_a_row_is_made_with_its_keys_first() -> None:
    row = GroupRow("group_1", "group", name="Harbour")
    assert row.attribute_values == {"group_id": "group_1", "item": "group", "name": "Harbour"}


def test_a_misspelt_attribute_is_refused() -> None:
    with pytest.raises(ValueError, match="nmae"):
        GroupRow("group_1", "group", nmae="Harbour")


def test_a_row_without_what_it_needs_is_not_written() -> None:
    with pytest.raises(AttributeNullError, match="nameKey"):
        UserRow("user_1", "profile", name="Alice", created_at="now", updated_at="now").serialize()


def test_what_another_version_wrote_is_left_out() -> None:
    item: Item = {"groupId": {"S": "g"}, "item": {"S": "group"}, "colour": {"S": "red"}, "name": {"NULL": True}}
    assert GroupRow.from_raw_data(item).attribute_values == {"group_id": "g", "item": "group"}


def test_an_item_of_another_type_is_refused() -> None:
    with pytest.raises(AttributeDeserializationError):
        GroupRow.from_raw_data({"groupId": {"N": "1"}, "item": {"S": "group"}})


@pytest.mark.parametrize("table", TABLES)
def test_every_attribute_of_every_table_is_known(table: type[Row]) -> None:
    assert codec_of(table) is codec_of(table)


@pytest.mark.parametrize("attribute", [BinaryAttribute(legacy_encoding=False), UnicodeAttribute(default="x")])
def test_an_attribute_that_needs_more_care_is_refused(attribute: Any) -> None:
    with pytest.raises(TypeError, match="later"):
        Codec({"later": attribute})
