"""Where the Trésor's schemas are: a folder that MARELLE_PES_SCHEMAS names, or beside the project. Never part of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SCHEMAS = Path(
    os.environ.get("MARELLE_PES_SCHEMAS") or PROJECT.parent / "shared" / "reference" / "pes_v2" / "schemas_pes_v5.12"
)
SAMPLES = SCHEMAS.parent / "samples"

with_schemas = pytest.mark.skipif(
    not (SCHEMAS / "PES_V2").is_dir(),
    reason=f"NOT PROVEN HERE: the schemas of the PES are not at {SCHEMAS}; name their folder in MARELLE_PES_SCHEMAS",
)
