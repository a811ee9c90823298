"""The delivery check on servers that lose changes, edits, or the sense of a message."""

import pytest

from bench.check_delivery import Plan, check
from bench.delivery.violation import DIFFERENT, LOST
from groups.management.commands.fixture import make
from tests.serving import serving


async def test_a_lost_change_is_a_violation() -> None:
    async with serving({}, application="tests.bench.losing_server:application") as server:
        plan = Plan([server.url], await make(8, 1, 6), seconds=4, clients=8, pace=4, stall_timeout=5)
        report = await check(plan)
    assert LOST in {violation.kind for violation in report.violations}
    assert "violations" in str(report)


@pytest.mark.parametrize(("lie", "kind"), [("edits", LOST), ("contents", DIFFERENT)])
async def test_a_server_that_lies_to_everybody_is_found_out(lie: str, kind: str) -> None:
    async with serving({"LIE": lie}, application="tests.bench.lying_server:application") as server:
        plan = Plan([server.url], await make(8, 1, 6), seconds=4, clients=8, pace=4, stall_timeout=5)
        report = await check(plan)
    assert kind in {violation.kind for violation in report.violations}


async def test_an_honest_server_passes() -> None:
    async with serving({}) as server:
        plan = Plan([server.url], await make(8, 1, 6), seconds=6, clients=8, pace=4)
        report = await check(plan)
    assert not report.violations, report
    for name in ("edits", "deletes", "reactions", "uploads"):
        assert report.stats[f"{name} acknowledged"], name
