"""`marelle manage …`: Django's own commands, on the database of this folder."""

from __future__ import annotations

from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Hand the rest of the line to Django."""
    from django.core.management import execute_from_command_line

    from marelle.foundation.writes import permitted

    with permitted("manage"):  # who types these commands works on the tables themselves
        execute_from_command_line(["marelle manage", *arguments])
    return 0
