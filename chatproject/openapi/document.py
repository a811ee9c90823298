"""The OpenAPI document: as text, for clients and tools, and as data, for the pages of the API.

To make it takes a second of computing with what it imports, and its YAML two more, in which all sockets would wait for
each other's every step. So a process of its own makes it, in the time that others leave, once for each form.
"""

import logging
import os
import subprocess
import sys
from functools import cache
from typing import Any

import orjson
from django.conf import settings

from foundation.errors import Unavailable
from foundation.turns import TurnLock, paused_turn

logger = logging.getLogger(__name__)

JSON, YAML = "json", "yaml"
# Far more than it takes on a machine that is busy with much else.
_TIMEOUT = 60.0
# Enough that sockets go first, and not so much that a busy machine never comes to it.
_NICENESS = 10
# One request has it made; the others wait for that.
_making = TurnLock()


def document() -> dict[str, Any]:
    """Return the document; raises `Unavailable`."""
    with _making:
        return _document()


def document_as(form: str) -> bytes:
    """Return the document as `JSON` or `YAML`; raises `Unavailable`."""
    with _making:
        return _text(form)


@cache
def _document() -> dict[str, Any]:
    made: dict[str, Any] = orjson.loads(_text(JSON))
    return made


@cache
def _text(form: str) -> bytes:
    with paused_turn():
        return _run(form)


def _run(form: str) -> bytes:
    """Have a process make it (`__main__`)."""
    command = [sys.executable, "-m", __package__, form]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        try:
            text, said = process.communicate(timeout=_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            text, said = process.communicate()
    if process.returncode:
        logger.error("The description of the API could not be made: %s", said.decode(errors="replace")[-2000:])
        raise Unavailable
    return text


@cache
def generate() -> dict[str, Any]:
    """Make the document in this process."""
    # Importing it imports DRF's views, which name the renderer whose forms come from here.
    from drf_spectacular.generators import SchemaGenerator

    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return schema
