"""What a person may be called, and when two names are one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.errors import Invalid
from users.local_issuer import user_id_of
from users.names import is_user_id, name_key, require_name, salvage_name

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("typed", "kept"),
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
def test_taken(typed: str, kept: str) -> None:
    assert require_name(typed) == kept


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
def test_refused_naming_the_field(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        require_name(typed)
    assert refusal.value.fields is not None
    assert list(refusal.value.fields) == ["name"]


@pytest.mark.parametrize("other", ["ALICE liddell", " alice\u00a0 Liddell ", "Alice  Liddell"])
def test_the_same_name_is_the_same_user(other: str) -> None:
    assert user_id_of(other) == user_id_of("alice liddell")


def test_the_way_of_typing_an_accent_makes_no_other_user() -> None:
    assert user_id_of("Zoe\u0308") == user_id_of("Zo\u00eb")


def test_another_name_is_another_user() -> None:
    assert user_id_of("alice") != user_id_of("alicia")
    assert is_user_id(user_id_of("alice"))


@settings(deadline=None)
@given(text=st.text())
def test_whatever_an_issuer_says_becomes_a_good_name_or_none(text: str) -> None:
    name = salvage_name(text)
    if name is not None:
        assert require_name(name) == name
        assert 0 < len(name_key(name).encode()) <= 1024


@pytest.mark.parametrize("claim", [None, 7, ["Alice"], {"name": "Alice"}])
def test_a_claim_that_is_no_text_is_no_name(claim: object) -> None:
    assert salvage_name(claim) is None
