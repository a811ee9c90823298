"""The delivery check on a server that loses changes."""

from bench.check_delivery import Plan, check
from bench.delivery.invariants import LOST
from groups.management.commands.fixture import make
from tests.serving import serving


async def test_a_lost_change_is_a_violation() -> None:
    async with serving({}, application="tests.bench.losing_server:application") as server:
        plan = Plan([server.url], await make(8, 1, 6), seconds=4, clients=8, pace=4, stall_timeout=5)
        report = await check(plan)
    assert LOST in {violation.kind for violation in report.violations}
    assert "violations" in str(report)
