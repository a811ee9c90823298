"""The document, as it is made from the code."""

import pytest

from chatproject.asyncapi.document import document

from .reading import Reading


@pytest.fixture(scope="session")
def reading() -> Reading:
    return Reading(document())
