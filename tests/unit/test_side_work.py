"""Processes beside a run: results in order, mistakes told, nobody left when the run is killed."""

import os
import signal
import subprocess
import sys
import time
from types import ModuleType

import psutil
import pytest

from orchestration.lib import side_work


def slow_first(number: int) -> tuple[int, int]:
    time.sleep(0.2 if number == 0 else 0)
    return number, os.getpid()


def refusing(number: int) -> int:
    if number == 3:
        raise ValueError("третий не вышел")
    return number


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(side_work, "_cores", lambda: 2)
    # A new process runs the main module again, and a test of a screen leaves its screen as that.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


@pytest.mark.usefixtures("two_cores")
def test_results_come_in_the_order_of_the_jobs_from_other_processes():
    with side_work.side_work(is_large=True) as in_order:
        found = list(in_order(slow_first, range(20)))
    assert [number for number, _ in found] == list(range(20))
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.usefixtures("two_cores")
def test_a_small_run_starts_no_processes():
    with side_work.side_work(is_large=False) as in_order:
        assert {process for _, process in in_order(slow_first, range(3))} == {os.getpid()}


@pytest.mark.usefixtures("two_cores")
def test_a_mistake_in_another_process_is_told_in_its_turn():
    with side_work.side_work(is_large=True) as in_order:
        results = in_order(refusing, range(10))
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="третий"):
            next(results)


KILLED = """
import time
from orchestration.lib import side_work

side_work._cores = lambda: 2
if __name__ == "__main__":
    with side_work.side_work(is_large=True) as in_order:
        print(*in_order(abs, range(4)), flush=True)
        time.sleep(60)
"""


def test_a_killed_run_leaves_no_process_behind(tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(KILLED, "utf-8")
    run = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    assert run.stdout.readline().split() == [b"0", b"1", b"2", b"3"]
    children = psutil.Process(run.pid).children(recursive=True)
    assert len(children) >= 2
    run.send_signal(signal.SIGKILL)
    run.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    run.stdout.close()
    assert alive == []
