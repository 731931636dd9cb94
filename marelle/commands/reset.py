"""`marelle reset`: forgets the embedded database of this folder, and the files that its rows name."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from marelle.commands.database import folder_taken
from marelle.commands.processes import Programs
from marelle.commands.refusal import Refused
from marelle.config.environment import files_folder, var_folder
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
        remove_files(files_folder(os.environ))
    print("La base embarquée est effacée. « make run » en recrée une.")
    return 0


def remove_files(folder: Path) -> None:
    """Remove what we keep in this folder, and nothing that somebody else has put there."""
    for ours in folder.glob("[0-9a-f][0-9a-f]"):
        shutil.rmtree(ours)
