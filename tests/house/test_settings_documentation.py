"""Each variable that the environment is asked for is explained to the operator."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def test_every_variable_is_in_the_operators_table():
    source = (PROJECT / "marelle" / "config" / "environment.py").read_text()
    asked = set(re.findall(r'"((?:MARELLE|EMAIL)_[A-Z_]+|DATABASE_URL|SECRET_KEY)"', source))
    explained = set(re.findall(r"`([A-Z_]+)`", (PROJECT / "docs" / "operate" / "settings.md").read_text()))

    assert asked
    assert asked - explained == set()
