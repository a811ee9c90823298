"""The reconnect storm of `bench.storm`: plain JSON sockets, all back at once while the server goes on."""

from bench.loop import on_loop
from bench.scenarios import STORM, Storm
from bench.stage import OURS, PLAIN
from bench.storm import storm

from .bench import Bench


def measure(bench: Bench, scenario: Storm) -> None:
    clients = bench.size(scenario.clients)
    for _ in range(bench.few_pairs):
        with bench.stage.serving(OURS, (1, clients), store=PLAIN) as serving:
            found = on_loop(storm(serving.url, serving.data, clients, scenario.missed))
            figures = {
                "clients": clients,
                "missed": scenario.missed,
                "kilobytes_per_connection": found["kilobytes_a_connection"],
                "connections_per_second": clients / found["opened_seconds"],
                "resumed_seconds": found["all_resumed_seconds"],
                "resume_reads": found["resume_reads"],
            }
            bench.note(STORM, OURS, figures)
