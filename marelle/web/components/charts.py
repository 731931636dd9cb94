"""Charts drawn by the server: bars, stacked bars and lines, with the same figures in a table behind.

No script draws them and nothing is read by colour alone: each series has its own pattern, dash and mark. Places across
are percentages, so that a chart is as wide as its page while its words keep their size.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from marelle.foundation.money import in_euros
from marelle.web.components.icons import icon
from marelle.web.components.registry import component

Unit = Literal["", "%", "h", "€"]
Shape = Literal["bars", "stacked", "lines"]

# In pixels: what is drawn of values, and the room left above for the value of the highest bar, and below for labels.
PLOT: Final = 200
ABOVE: Final = 22
BELOW: Final = 26
MOST_SERIES: Final = 4
# Beyond these, a label or a value would touch the next one: they stay in the table.
MOST_LABELS: Final = 14
MOST_VALUES: Final = 14
MOST_MARKS: Final = 60
FEW: Final = 7  # what a telephone is wide enough for
# How many signs stand abreast under a plot, a space between two labels counted: on a telephone, on a tablet.
PHONE_SIGNS: Final = 36
WIDE_SIGNS: Final = 100
SHORT: Final = 8  # signs: a date, that may be left out between two others; a longer label is a name, and none may
LONGEST: Final = 24  # signs: beyond, a name is cut; the table has it whole
STEPS: Final = (1, 2, 5, 10)
MOST_TICKS: Final = 4
SPACE: Final = "\N{NARROW NO-BREAK SPACE}"
UNKNOWN: Final = "—"


class Series(NamedTuple):
    """What is drawn in one pattern: a name, and a value for each label (None where nothing is known)."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: a title, its labels from left to right, one to four series; amounts (« € ») are in cents.

    `summary` says in a sentence what is to be seen, for whoever does not see it. `highest` is the top of the scale when
    it is known beforehand, such as a hundred percent. `labelled` is the name of the column of labels in the table.
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    summary: str
    shape: Shape = "bars"
    unit: Unit = ""
    labelled: str = "Période"
    highest: float = 0

    def __post_init__(self) -> None:
        """Will raise ValueError when a series has not a value for each label, or when there are too many series."""
        if not 1 <= len(self.series) <= MOST_SERIES:
            raise ValueError(f"a chart has one to {MOST_SERIES} series")
        if any(len(one.values) != len(self.labels) for one in self.series):
            raise ValueError("a series has a value for each label")


def written(value: float | None, unit: Unit = "") -> str:
    """Write a value as people do: « 1 234 », « 87 % », « 12,5 h », « 3,10 € » (cents); a dash for what is not known."""
    if value is None:
        return UNKNOWN
    if unit == "€":
        return in_euros(round(value))
    whole = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"  # noqa: PLR2004
    number = whole.replace(",", SPACE).replace(".", ",").replace("-", "− ")
    return f"{number}{SPACE}{unit}" if unit else number


def ticks(highest: float) -> tuple[float, ...]:
    """Return the round values that a scale shows, from nought to one that is not under `highest`: few of them."""
    if highest <= 0:
        return (0, 1)
    rough = highest / MOST_TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = max(1, next(one * power for one in STEPS if one * power >= rough * (1 - 1e-9)))
    return tuple(step * place for place in range(math.ceil(highest / step - 1e-9) + 1))


@component
def chart(*, drawn: Chart) -> SafeString:
    """Draw a chart under its title, with its legend, and its table folded behind."""
    tops = _tops(drawn)
    scale = ticks(max(max(tops, default=0), drawn.highest))
    name = f"graphique-{slugify(drawn.title)}"
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption>{}'
        '<div class="chart-plot" role="img" aria-label="{}">{}{}</div>{}</figure>',
        drawn.title,
        _legend(drawn, name) if len(drawn.series) > 1 else "",
        f"{drawn.title}. {drawn.summary}",
        _axis(scale, drawn),
        _plot(drawn, scale, name),
        _table(drawn),
    )


def _tops(drawn: Chart) -> list[float]:
    """Return how high each label goes."""
    columns = zip(*(one.values for one in drawn.series), strict=True)
    if drawn.shape == "stacked":
        return [sum(value or 0 for value in column) for column in columns]
    return [max((value or 0 for value in column), default=0) for column in columns]


def _height(value: float, scale: Sequence[float]) -> float:
    return max(0, round(value / scale[-1] * PLOT, 1))


def _short(value: float, unit: Unit) -> str:
    """Write a value of the scale: amounts in whole euros."""
    return f"{written(value / 100)}{SPACE}€" if unit == "€" else written(value, unit)


def _legend(drawn: Chart, name: str) -> SafeString:
    swatches = (
        (_swatch(drawn.shape, place, name), one.name)
        for place, one in enumerate(drawn.series, start=1)
    )  # fmt: skip
    return format_html(
        '<ul class="plain chart-legend" aria-hidden="true">{}</ul>',
        format_html_join("", "<li>{}{}</li>", swatches),
    )


def _swatch(shape: Shape, place: int, name: str) -> SafeString:
    if shape == "lines":
        inner = format_html(
            '<line class="chart-line s{}" x1="0" x2="28" y1="8" y2="8"/>{}', place, _mark(place, "50%", 8)
        )
    else:
        inner = format_html(
            '<rect class="chart-bar s{}" x="6" y="1" width="16" height="14" fill="{}"/>', place, _fill(place, name)
        )
    return format_html('<svg width="28" height="16" focusable="false">{}</svg>', inner)


def _fill(place: int, name: str) -> str:
    """Return the paint of a series: its pattern in this chart, the first one being plain."""
    return "currentColor" if place == 1 else f"url(#{name}-{place})"


def _patterns(count: int, name: str) -> SafeString:
    drawings = {
        2: '<path class="chart-ink s2" d="M-1 1l2-2M0 8l8-8M7 9l2-2"/>',
        3: '<circle class="chart-dot s3" cx="2" cy="2" r="1.3"/><circle class="chart-dot s3" cx="6" cy="6" r="1.3"/>',
        4: '<path class="chart-ink s4" d="M0 4h8"/>',
    }
    return format_html(
        "<defs>{}</defs>",
        format_html_join(
            "",
            '<pattern id="{}-{}" width="8" height="8" patternUnits="userSpaceOnUse">'
            '<rect class="chart-ground s{}" width="8" height="8"/>{}</pattern>',
            ((name, place, place, SafeString(drawings[place])) for place in range(2, count + 1)),
        ),
    )


def _axis(scale: Sequence[float], drawn: Chart) -> SafeString:
    return format_html(
        '<svg class="chart-axis" height="{}" focusable="false">{}</svg>',
        ABOVE + PLOT + BELOW,
        format_html_join(
            "",
            '<text x="100%" y="{}" dy=".35em" text-anchor="end">{}</text>',
            ((ABOVE + PLOT - _height(value, scale), _short(value, drawn.unit)) for value in scale),
        ),
    )


def _plot(drawn: Chart, scale: Sequence[float], name: str) -> SafeString:
    shapes = _lines(drawn, scale) if drawn.shape == "lines" else _bars(drawn, scale, name)
    return format_html(
        '<svg class="chart-area{}" width="100%" height="{}" focusable="false">{}{}{}{}</svg>',
        _slant(drawn).replace("slant", "deep"),
        ABOVE + PLOT + BELOW,
        _patterns(len(drawn.series), name) if drawn.shape != "lines" else "",
        format_html_join(
            "",
            '<line class="chart-rule" x1="0" x2="100%" y1="{}" y2="{}"/>',
            ((y, y) for y in (ABOVE + PLOT - _height(value, scale) for value in scale)),
        ),
        format_html_join("", "{}", ((one,) for one in shapes)),
        _labels(drawn),
    )


def _band(drawn: Chart) -> float:
    return 100 / max(1, len(drawn.labels))


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1].rstrip()}…"


def _longest(drawn: Chart) -> int:
    return max((len(_cut(label)) for label in drawn.labels), default=0)


def _shown(drawn: Chart) -> range:
    every = math.ceil(len(drawn.labels) / MOST_LABELS) or 1
    return range(0, len(drawn.labels), every)


def _slant(drawn: Chart) -> str:
    """Return the class of labels that do not fit abreast: aslant on a telephone, or everywhere; none for dates."""
    wide = len(_shown(drawn)) * (_longest(drawn) + 2)
    if _longest(drawn) <= SHORT or wide <= PHONE_SIGNS:
        return ""
    return " chart-slant" if wide <= WIDE_SIGNS else " chart-slant chart-slant-wide"


def _labels(drawn: Chart) -> SafeString:
    """Write the labels under the plot: some of them only where they are many, fewer still on a telephone.

    Names too long to stand abreast are all there, aslant.
    """
    shown = _shown(drawn)
    slant = _slant(drawn)
    abreast = max(1, min(FEW, PHONE_SIGNS // (_longest(drawn) + 2)))
    sparse = 1 if slant else math.ceil(len(shown) / abreast) or 1
    return format_html_join(
        "",
        '<text class="chart-label{}" x="{}%" y="{}" text-anchor="middle">{}</text>',
        (
            (
                " chart-more" if turn % sparse else slant,
                _percent((place + 0.5) * _band(drawn)),
                ABOVE + PLOT + BELOW - 6,
                _cut(drawn.labels[place]),
            )
            for turn, place in enumerate(shown)
        ),
    )


def _bars(drawn: Chart, scale: Sequence[float], name: str) -> Iterator[SafeString]:
    band = _band(drawn)
    is_stacked = drawn.shape == "stacked"
    abreast = 1 if is_stacked else len(drawn.series)
    width = band * 0.76 / abreast
    says_values = len(drawn.labels) * abreast <= MOST_VALUES
    crowded = len(drawn.labels) * abreast > FEW
    for place in range(len(drawn.labels)):
        under = 0.0
        for number, one in enumerate(drawn.series, start=1):
            value = one.values[place]
            if value is None:
                continue
            left = place * band + band * 0.12 + (0 if is_stacked else (number - 1) * width)
            height = _height(value, scale)
            top = ABOVE + PLOT - height - under
            yield format_html(
                '<rect class="chart-bar s{}" x="{}%" y="{}" width="{}%" height="{}" fill="{}"/>',
                number,
                _percent(left),
                round(top, 1),
                _percent(width),
                height,
                _fill(number, name),
            )
            under += height if is_stacked else 0
            if value and says_values and not is_stacked:
                yield _value(left + width / 2, top, written(value, drawn.unit), is_crowded=crowded)
        total = sum(one.values[place] or 0 for one in drawn.series)
        if total and says_values and is_stacked:
            yield _value((place + 0.5) * band, ABOVE + PLOT - under, written(total, drawn.unit), is_crowded=crowded)


def _value(x: float, top: float, words: str, *, is_crowded: bool) -> SafeString:
    return format_html(
        '<text class="chart-value{}" x="{}%" y="{}" text-anchor="middle">{}</text>',
        " chart-more" if is_crowded else "",
        _percent(x),
        round(top - 5, 1),
        words,
    )


def _lines(drawn: Chart, scale: Sequence[float]) -> Iterator[SafeString]:
    band = _band(drawn)
    for number, one in enumerate(drawn.series, start=1):
        before: tuple[str, float] | None = None
        for place, value in enumerate(one.values):
            if value is None:
                before = None  # what is not known is a gap, not a slope
                continue
            here = (_percent((place + 0.5) * band), round(ABOVE + PLOT - _height(value, scale), 1))
            if before is not None:
                yield format_html(
                    '<line class="chart-line s{}" x1="{}%" y1="{}" x2="{}%" y2="{}"/>', number, *before, *here
                )
            if len(drawn.labels) <= MOST_MARKS:
                yield _mark(number, f"{here[0]}%", here[1])
            before = here


def _mark(number: int, x: str, y: float) -> SafeString:
    """Draw the mark of a series: a disc, a square, a triangle, a cross."""
    drawings = {
        1: '<circle r="4"/>',
        2: '<rect x="-4" y="-4" width="8" height="8"/>',
        3: '<path d="M-5 4L5 4L0 -5Z"/>',
        4: '<path d="M-4 -4L4 4M-4 4L4 -4"/>',
    }
    return format_html(
        '<svg class="chart-mark s{}" x="{}" y="{}" overflow="visible">{}</svg>',
        number,
        x,
        y,
        SafeString(drawings[number]),
    )


def _percent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _table(drawn: Chart) -> SafeString:
    """Write the same figures as a table, folded."""
    return format_html(
        '<details class="fold"><summary>{}<span>Voir le tableau<span class="v"> : {}</span></span></summary>'
        '<div class="chart-table" role="region" aria-label="Tableau : {}" tabindex="0">'
        '<table><caption class="v">{}</caption><thead><tr><th scope="col">{}</th>{}</tr></thead>'
        "<tbody>{}</tbody></table></div></details>",
        icon(name="list-ordered"),
        drawn.title,
        drawn.title,
        drawn.title,
        drawn.labelled,
        format_html_join("", '<th scope="col">{}</th>', ((one.name,) for one in drawn.series)),
        format_html_join(
            "",
            '<tr><th scope="row">{}</th>{}</tr>',
            (
                (
                    label,
                    format_html_join(
                        "", "<td>{}</td>", ((written(one.values[place], drawn.unit),) for one in drawn.series)
                    ),
                )
                for place, label in enumerate(drawn.labels)
            ),
        ),
    )
