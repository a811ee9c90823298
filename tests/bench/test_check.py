"""The delivery check on a running server that does not keep its promises."""

from bench.check_delivery import Plan, check
from bench.delivery.judge import LOST
from groups.management.commands.fixture import make
from tests.serving import serving


async def test_a_server_that_loses_changes_is_found_out() -> None:
    async with serving({}, application="tests.bench.losing_server:application") as server:
        plan = Plan([server.url], await make(8, 1, 6), seconds=4, clients=8, pace=4, patience=5)
        report = await check(plan)
    assert LOST in {violation.kind for violation in report.violations}
    assert "violations" in str(report)
