"""A measure, its floor and its aim: one JSON object a line, and the table at the end."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure. `reference` is the physical limit measured beside it, `ratio` what we cost in proportion.

    `floor` and `aim` bound `judged`: the value or the ratio; the smaller the better unless `more_is_better`.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    floor: float | None = None
    aim: float | None = None
    judged: str = "value"
    more_is_better: bool = False
    note: str = ""

    @property
    def reached(self) -> str:
        """Will say what was reached: the aim, the floor, neither; nothing when there is nothing to reach."""
        if self.floor is None:
            return ""
        found = self.ratio if self.judged == "ratio" else self.value
        if found is None:
            return "not measured"
        better = _at_least if self.more_is_better else _at_most
        if self.aim is not None and better(found, self.aim):
            return "aim"
        return "floor" if better(found, self.floor) else "MISSED"


@dataclass
class Report:
    """The figures so far; each is printed as soon as it is known."""

    figures: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        """Will keep a figure and print it as one JSON object."""
        self.figures.append(figure)
        shown = {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(figure).items()}
        print(json.dumps({**shown, "reached": figure.reached}, ensure_ascii=False), flush=True)

    @property
    def is_missed(self) -> bool:
        """Will tell whether a floor was missed."""
        return any(figure.reached in {"MISSED", "not measured"} for figure in self.figures)

    def table(self) -> str:
        """Will write the table, as wide as its words."""
        rows = [("figure", "value", "reference", "ratio", "floor", "aim", "reached")]
        for figure in self.figures:
            limits = [_limit(figure, bound) for bound in (figure.floor, figure.aim)]
            reference = "" if figure.reference is None else f"{_short(figure.reference)} {figure.unit}"
            ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
            value = f"{_short(figure.value)} {figure.unit}"
            rows.append((figure.name, value, reference, ratio, *limits, figure.reached))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        lines.insert(1, "  ".join("-" * width for width in widths))
        notes = [f"  {figure.name}: {figure.note}" for figure in self.figures if figure.note]
        return "\n".join([*lines, "", *notes])


def percentile(values: Sequence[float], share: float) -> float:
    """Will return the value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """Will return the median."""
    return statistics.median(values)


def interleaved(
    first: Callable[[int], float], second: Callable[[int], float], times: int
) -> tuple[list[float], list[float]]:
    """Will call both in turn, each first every other time, so that the machine's moods fall on both; return seconds."""
    found: tuple[list[float], list[float]] = ([], [])
    for turn in range(times):
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            found[which].append((first, second)[which](turn))
    return found


def _limit(figure: Figure, bound: float | None) -> str:
    if bound is None:
        return ""
    sign = "≥" if figure.more_is_better else "≤"
    return f"{sign} {_short(bound)}" + ("×" if figure.judged == "ratio" else f" {figure.unit}")


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _at_least(found: float, bound: float) -> bool:
    return found >= bound


def _at_most(found: float, bound: float) -> bool:
    return found <= bound
