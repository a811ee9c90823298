"""Linters, generated clients and a fuzzer take the OpenAPI document at its word, against a running server."""

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bin.local.install import find_node
from tests.cast import Person, person
from tests.serving import Server, serving

TOOLS = Path(__file__).parent / "tools"
BIN = TOOLS / "node_modules" / ".bin"
JSON = "application/vnd.oai.openapi+json"
EXPECTED = {"created": 201, "edited": "ahoy!", "role": "owner", "absent": "not_found", "left": "forbidden"}
# Answers that the document does not have, or that are not as it says. Not which input is taken: a schema does not know
# which groups there are, nor what an invisible character is.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,missing_required_header,unsupported_method,ignored_auth"
)


@dataclass
class Scene:
    server: Server
    alice: Person
    description: Path


@pytest.fixture(scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with serving({}) as server, httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        response = await client.get("/api/schema", headers={"Accept": JSON})
        path = tmp_path_factory.mktemp("openapi") / "openapi.json"
        path.write_bytes(response.content)
        yield Scene(server, await person("Alice"), path)


async def run(*command: str | Path, cwd: Path, timeout: float = 110) -> str:
    """Return what a command writes; its failure is one of the test."""
    environment = {**os.environ, "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off", "PYTHONPATH": str(cwd)}
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=cwd,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(timeout):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def test_it_has_no_error_by_the_recommended_rules(scene: Scene) -> None:
    config = TOOLS / "redocly.yaml"
    await run(find_node(), BIN / "redocly", "lint", scene.description, "--config", config, cwd=scene.description.parent)


def check(found: dict[str, Any]) -> None:
    assert found == {**EXPECTED, "message": found["message"], "listed": [found["message"]]}


async def test_a_generated_client_in_typescript_calls_the_server(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(TOOLS / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(TOOLS / "client.ts", tmp_path)
    await run(find_node(), BIN / "openapi-typescript", scene.description, "-o", tmp_path / "api.ts", cwd=tmp_path)
    options = ("--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "--lib", "es2022,dom")
    await run(find_node(), BIN / "tsc", *options, "client.ts", cwd=tmp_path)
    said = await run(find_node(), tmp_path / "client.js", scene.server.url, scene.alice.token, cwd=tmp_path)
    check(json.loads(said))


async def test_a_generated_client_in_python_calls_the_server(scene: Scene, tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("post_hooks: []\n")
    generate = ("openapi_python_client", "generate", "--path", scene.description, "--meta", "none")
    options = ("--output-path", tmp_path / "chatclient", "--config", config, "--fail-on-warning")
    await run(sys.executable, "-m", *generate, *options, cwd=tmp_path)
    shutil.copy(TOOLS / "client.py", tmp_path)
    said = await run(sys.executable, "client.py", scene.server.url, scene.alice.token, cwd=tmp_path)
    check(json.loads(said))


@pytest.mark.timeout(900)
async def test_no_answer_is_other_than_described(scene: Scene, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "schemathesis.cli", "run", scene.description, "--url", scene.server.url)
    limits = ("--max-examples", "30", "--workers", "1", "--suppress-health-check", "all", "--seed", "1")
    # Somebody of their own, and not signed out: after that every answer would be a 401, to the other tests too.
    token = (
        "-H",
        f"Authorization: Bearer {(await person('Mallory')).token}",
        "--exclude-path",
        "/api/accounts/sign-out",
    )
    said = await run(*command, *limits, *token, "--checks", CHECKS, cwd=tmp_path, timeout=840)
    cases = re.search(r"(\d+) generated", said)
    assert cases, said
    assert int(cases[1]) > 2000, said
