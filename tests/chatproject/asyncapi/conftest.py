"""A validator of the document that is generated from the code."""

import pytest

from chatproject.asyncapi.document import document

from .validator import DocumentValidator


@pytest.fixture(scope="session")
def validator() -> DocumentValidator:
    return DocumentValidator(document())
