"""bin/run says which limits are off."""

import pytest

from bin.local.serve import limits_off

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, []),
        ({"RATE_LIMITS": "", "DEBUG": "1"}, []),
        ({"RATE_LIMITS": "upload=60/m", "MAX_CONNECTIONS_PER_USER": "9"}, []),
        ({"RATE_LIMITS": "off"}, ["RATE_LIMITS=off"]),
        ({"RATE_LIMITS": "upload=60/m, write=off"}, ["RATE_LIMITS=write=off"]),
        ({"MAX_ANONYMOUS_CONNECTIONS": "0"}, ["MAX_ANONYMOUS_CONNECTIONS=0"]),
    ],
)
def test_what_is_off_is_named_as_it_is_set(environment: dict[str, str], expected: list[str]) -> None:
    assert limits_off(environment) == expected
