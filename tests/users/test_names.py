"""Which names are valid, and which are equal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.errors import Invalid
from users.local_issuer import user_id_for_name
from users.names import clean_name, is_user_id, name_key, require_name

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
