"""`marelle reset`: forgets the embedded database of this folder."""

from __future__ import annotations

import argparse
import os

from marelle.commands.database import folder_taken
from marelle.commands.processes import Programs
from marelle.commands.refusal import Refused
from marelle.config.environment import var_folder
from marelle.foundation.embedded_postgres import remove_data


def configure(parser: argparse.ArgumentParser) -> None:
    """Nothing can be chosen."""


def run(options: argparse.Namespace) -> int:
    """Stop what a killed run has left and delete the data; refuse while a run is alive, or with DATABASE_URL."""
    if os.environ.get("DATABASE_URL"):
        raise Refused("DATABASE_URL est définie : reset n'efface que la base embarquée.")
    var = var_folder(os.environ)
    with folder_taken(var, "marelle reset"):
        Programs(var / "run.json").stop_leftovers()
        remove_data(var / "postgres")
    print("La base embarquée est effacée. « make run » en recrée une.")
    return 0
