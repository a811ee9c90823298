"""Which names are valid, and which are equal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.errors import Invalid
from users.local_issuer import user_id_for_name
from users.names import clean_name, distinct_names, is_user_id, name_key, require_name

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("alice", "alice"),
        ("  Alice   Liddell ", "Alice Liddell"),
        ("x" * 64, "x" * 64),
        ("Zoë 🦊", "Zoë 🦊"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("محمد", "محمد"),
        ("O'Neil <b>", "O'Neil <b>"),
    ],
)
def test_a_valid_name_is_stored_with_single_spaces(typed: str, stored: str) -> None:
    assert require_name(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "x" * 65,
        "a\x00b",
        "a\nb",
        "a\x1fb",
        "a\x7fb",
        "a\u2028b",
        "\u202ealice",
        "\ud800",
        "\u200b",
        "\u0301",
    ],
)
def test_an_invalid_name_is_an_error_of_the_field(typed: str) -> None:
    with pytest.raises(Invalid) as raised:
        require_name(typed)
    assert raised.value.fields is not None
    assert list(raised.value.fields) == ["name"]


@pytest.mark.parametrize("other", ["ALICE liddell", " alice\u00a0 Liddell ", "Alice  Liddell"])
def test_the_same_name_is_the_same_user(other: str) -> None:
    assert user_id_for_name(other) == user_id_for_name("alice liddell")


def test_composed_and_decomposed_accents_are_the_same_user() -> None:
    assert user_id_for_name("Zoe\u0308") == user_id_for_name("Zo\u00eb")


def test_another_name_is_another_user() -> None:
    assert user_id_for_name("alice") != user_id_for_name("alicia")
    assert is_user_id(user_id_for_name("alice"))


@settings(deadline=None)
@given(text=st.text())
def test_any_claim_becomes_a_valid_name_or_none(text: str) -> None:
    name = clean_name(text)
    if name is not None:
        assert require_name(name) == name
        assert 0 < len(name_key(name).encode()) <= 1024


@pytest.mark.parametrize("claim", [None, 7, ["Alice"], {"name": "Alice"}])
def test_a_claim_that_is_not_a_string_is_not_a_name(claim: object) -> None:
    assert clean_name(claim) is None


# --- people of the same name -----------------------------------------------------------------------------------------
def test_who_shares_a_name_has_the_end_of_their_id_beside_it() -> None:
    names = {"user_1abcd": "Ann", "user_2bcde": "ANN", "user_3cdef": "Bob"}
    assert distinct_names(names) == {"user_1abcd": "Ann (abcd)", "user_2bcde": "ANN (bcde)", "user_3cdef": "Bob"}


@given(
    ids=st.sets(st.text("ab", min_size=5, max_size=9).map("user_{}".format), min_size=1, max_size=8),
    names=st.lists(st.sampled_from(["Ann", "ann", "Zoe\u0308", "Zo\u00eb", "Bob"]), min_size=8, max_size=8),
)
def test_no_two_are_called_the_same_in_a_list(ids: set[str], names: list[str]) -> None:
    people = dict(zip(sorted(ids), names, strict=False))
    labels = distinct_names(people)
    assert len({name_key(label) for label in labels.values()}) == len(people)
    assert all(label.startswith(people[user_id]) for user_id, label in labels.items())
