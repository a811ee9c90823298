"""What the client replaces inside PynamoDB and botocore may change with any release, so their versions are fixed."""

from importlib.metadata import version

import pytest
from django.conf import settings

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("package", ["pynamodb", "botocore"])
def test_the_exact_version_that_is_tested_is_required(package: str) -> None:
    lines = (settings.BASE_DIR / "requirements.txt").read_text().splitlines()
    assert f"{package}=={version(package)}" in lines
