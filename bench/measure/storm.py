"""The reconnect storm of `bench.storm`: plain JSON sockets that all reconnect to the running server at once."""

from bench.launcher import DIRECT, OURS
from bench.loop import run_on_loop
from bench.scenario_kinds import STORM, Storm
from bench.storm import storm

from .runner import Runner


def measure(runner: Runner, scenario: Storm) -> None:
    clients = runner.scaled(scenario.clients)
    for _ in range(runner.few_pairs):
        with runner.launcher.running(OURS, (1, clients), store=DIRECT) as running:
            result = run_on_loop(storm(running.url, running.data, clients, scenario.missed))
            figures = {
                "clients": clients,
                "missed": scenario.missed,
                "kilobytes_per_connection": result["kilobytes_a_connection"],
                "connections_per_second": clients / result["opened_seconds"],
                "resumed_seconds": result["all_resumed_seconds"],
                "resume_reads": result["resume_reads"],
            }
            runner.add(STORM, OURS, figures)
