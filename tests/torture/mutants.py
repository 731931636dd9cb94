"""`make mutants`: one mistake at a time in the rules, and whether their tests see it.

mutmut writes the mistakes and says which tests go through which function. It would then start pytest for each, which
for these fast tests is nearly all of the time (one mutant a second, and there are thousands): here the tests are
collected once, and each mutant is a fork that runs its own tests until the first that fails.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

PROJECT = Path(__file__).resolve().parents[2]
MUTANTS = PROJECT / "mutants"
SURVIVORS = MUTANTS / "survivors.txt"
LONGEST = 60  # seconds: a mutant that never ends is seen
KILLED, SURVIVED, UNTESTED = "killed", "survived", "untested"
LOWEST_SCORE = 90


class EachMutant:
    """A pytest plugin that runs the collected tests against each mutant instead of once."""

    def __init__(self, wanted: str, workers: int) -> None:
        self.wanted, self.workers = re.compile(wanted), workers
        self.found: dict[str, str] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        stats = json.loads((MUTANTS / "mutmut-stats.json").read_text())
        tests_of = stats["tests_by_mangled_function_name"]
        took = stats["duration_by_test"]
        items = {item.nodeid: item for item in session.items}
        running: dict[int, str] = {}
        for name in sorted(mutants()):
            if not self.wanted.search(name):
                continue
            nodes = [node for node in tests_of.get(name.rpartition("__mutmut_")[0], ()) if node in items]
            if not nodes:
                self.found[name] = UNTESTED
                continue
            if len(running) == self.workers:
                self._wait(running)
            quickest_first = [items[node] for node in sorted(nodes, key=lambda node: took.get(node, 0))]
            running[_forked(name, quickest_first)] = name
        while running:
            self._wait(running)
        return True

    def _wait(self, running: dict[int, str]) -> None:
        pid, status = os.wait()
        name = running.pop(pid)
        self.found[name] = SURVIVED if status == 0 else KILLED
        if status == 0:
            print(name, flush=True)


def mutants() -> list[str]:
    """Every mutant that mutmut has written."""
    return [name for meta in MUTANTS.rglob("*.py.meta") for name in json.loads(meta.read_text())["exit_code_by_key"]]


def _forked(name: str, items: list[pytest.Item]) -> int:
    """Run these tests against a mutant in a process of its own; it ends with 0 when no test has failed."""
    pid = os.fork()
    if pid:
        return pid
    os.environ["MUTANT_UNDER_TEST"] = name
    signal.alarm(LONGEST)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123  a device
        os.dup2(nowhere.fileno(), 2)
        for item in items:
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=None)):
                os._exit(1)
    os._exit(0)


def main(wanted: str = "") -> int:
    """Write the mutants, try them, print those that survive; return 1 when too many do."""
    from mutmut.configuration import config

    os.chdir(PROJECT)
    # mutmut writes the mutants and asks each test what it goes through, then has nothing to run.
    subprocess.run([sys.executable, "-m", "mutmut", "run", "no-such-mutant"], check=False)
    options = [*config().pytest_add_cli_args, *config().pytest_add_cli_args_test_selection]
    os.chdir(MUTANTS)
    sys.path[:] = [str(MUTANTS), *(place for place in sys.path if Path(place).resolve() != PROJECT)]
    each = EachMutant(wanted, os.cpu_count() or 1)
    pytest.main([*options, "-p", "no:logging"], plugins=[each])
    counted = Counter(each.found.values())
    left = sorted(name for name, how in each.found.items() if how != KILLED)
    SURVIVORS.write_text("\n".join(f"{each.found[name]} {name}" for name in left) + "\n")
    score = 100 * counted[KILLED] / max(1, len(each.found))
    print(f"{len(each.found)} mutants: {dict(counted)}; score {score:.1f} %; survivors in {SURVIVORS}")
    return 0 if score > LOWEST_SCORE else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
