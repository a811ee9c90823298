"""Threads take turns: only so many compute at once, and whoever waits lets another one."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from foundation.turns import TURNS, TurnLock, paused_turn, turn

pytestmark = pytest.mark.unit


def test_only_so_many_threads_compute_at_once() -> None:
    computing, most, lock = 0, 0, threading.Lock()

    def compute(_: int) -> None:
        nonlocal computing, most
        with turn():
            with lock:
                computing += 1
                most = max(most, computing)
            threading.Event().wait(0.01)
            with lock:
                computing -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(compute, range(16)))
    assert most == TURNS


def test_who_waits_gives_the_turn_to_another() -> None:
    answered = threading.Event()

    def wait() -> None:
        with turn(), paused_turn():
            assert answered.wait(10)

    def answer() -> None:
        with turn():
            answered.set()

    with ThreadPoolExecutor(TURNS + 1) as threads:
        waiting = [threads.submit(wait) for _ in range(TURNS)]
        threads.submit(answer).result(10)
        for each in waiting:
            each.result(10)


def test_a_failure_gives_the_turn_back() -> None:
    for _ in range(TURNS + 1):
        with pytest.raises(ValueError, match="wrong"), turn(), paused_turn():
            raise ValueError("wrong")
    with turn():
        pass


def test_without_a_turn_there_is_none_to_give_back() -> None:
    with paused_turn(), turn():
        pass


def test_who_waits_for_a_lock_lets_those_go_on_that_have_it() -> None:
    lock, has_it = TurnLock(), threading.Event()

    def hold() -> None:
        with turn(), lock:
            has_it.set()
            # It needs a turn to come back, which those that wait for the lock must not keep.
            with paused_turn():
                time.sleep(0.05)

    def wait() -> None:
        assert has_it.wait(10)
        with turn(), lock:
            pass

    with ThreadPoolExecutor(2 * TURNS + 1) as threads:
        for work in [threads.submit(hold), *(threads.submit(wait) for _ in range(2 * TURNS))]:
            work.result(10)
