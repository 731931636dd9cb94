"""What the program loads is what `make run` installs: the tools of the tests must not hide a missing package."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# All that a web process, the worker and the command line may come to load, as if only some packages were there.
LOAD_ALL = """
import importlib, json, pkgutil, sys
from importlib.metadata import packages_distributions
installed = set(json.loads(sys.argv[1]))
absent = {
    module for module, packages in packages_distributions().items()
    if not installed & {one.lower().replace("_", "-").replace(".", "-") for one in packages}
}
class NotThere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, NotThere())
import django
django.setup()
import marelle
from marelle.config import urls_account, urls_family, urls_invoices, urls_office
for found in pkgutil.walk_packages(marelle.__path__, "marelle."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
print("requests" in sys.modules)
"""


def load_all(installed: set[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOAD_ALL, json.dumps(sorted(installed))],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_whatever_the_program_loads_is_installed_by_make_run():
    locked = (PROJECT / "requirements" / "runtime.txt").read_text()
    installed = {
        re.sub(r"[-_.]+", "-", one).lower() for one in re.findall(r"(?m)^([A-Za-z0-9][\w.-]*)(?:\[.*\])?==", locked)
    }

    whole, lacking = load_all(installed), load_all(installed - {"requests"})

    assert whole.returncode == 0, whole.stderr[-2000:]
    # The library of signing in imports it without asking for it: without a look, nobody could sign in.
    assert "No module named 'requests'" in lacking.stderr
