"""A reader of table schemas, strict, and where the one of menus is: beside the project, never part of it.

It holds a file to all that https://schema.data.gouv.fr/scdl/menus-collectifs says: the columns and their order, what is
required, patterns, lists of values, lengths, days, moments, arrays and what they may hold, and the key of a SIRET.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from datetime import datetime
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = Path(os.environ.get("MARELLE_SCDL_SCHEMAS") or PROJECT.parent / "shared" / "reference" / "scdl")
MENUS = FOLDER / "menus-collectifs.schema.json"

with_schema = pytest.mark.skipif(
    not MENUS.is_file(),
    reason=f"NOT PROVEN HERE: the schema of menus is not in {FOLDER}; name its folder in MARELLE_SCDL_SCHEMAS",
)


def faults_in(content: bytes, schema_file: Path = MENUS) -> list[str]:
    """Return what is wrong in a CSV file, line by line, by its schema."""
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    lines = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    fields = schema["fields"]
    if lines[0] != [one["name"] for one in fields]:
        return [f"columns: {lines[0]}"]
    sirets = {check["params"]["column"] for check in schema["custom_checks"] if check["name"] == "french-siret-value"}
    faults = []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(fields):
            faults.append(f"line {number}: {len(line)} cells")
            continue
        for one, value in zip(fields, line, strict=True):
            said = _fault(one, value)
            if said is None and one["name"] in sirets and value and not _is_siret(value):
                said = "not a SIRET"
            if said:
                faults.append(f"line {number}, {one['name']}: {said}: {value!r}")
    return faults


def _fault(field, value):
    rules = field.get("constraints", {})
    if not value:
        return "missing" if rules.get("required") else None
    if "pattern" in rules and not re.fullmatch(rules["pattern"].strip("^$"), value):
        return "not as it is written"
    if "enum" in rules and value not in rules["enum"]:
        return "not in the list"
    if len(value) > rules.get("maxLength", len(value)):
        return "too long"
    return {"string": _nothing, "date": _day, "datetime": _moment, "array": _array, "number": _number}[field["type"]](
        field, value
    )


def _nothing(_field, _value):
    return None


def _day(field, value):
    return _time(value, field["format"])


def _moment(_field, value):
    return _time(value, "%Y-%m-%dT%H:%M:%SZ")


def _time(value, written):
    try:
        read = datetime.strptime(value, written)  # noqa: DTZ007  compared with what was written
    except ValueError:
        return "not a moment"
    return None if read.strftime(written) == value else "not as a moment is written"


def _array(field, value):
    try:
        said = json.loads(value)
    except ValueError:
        return "not an array"
    allowed = field["arrayItem"]["constraints"]["enum"]
    if not isinstance(said, list) or any(one not in allowed for one in said):
        return "holds what is not in the list"
    return None


def _number(_field, value):
    return None if re.fullmatch(r"-?\d+(\.\d+)?", value) else "not a number"


def _is_siret(value):
    """Tell by the key of Luhn, written otherwise than in the product: from the right, every second digit doubled."""
    total = 0
    for place, digit in enumerate(reversed(value)):
        total += sum(map(int, str(int(digit) * (1 + place % 2))))
    return total % 10 == 0
