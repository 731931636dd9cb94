"""A tariff as it is printed: its sections, its tables of prices, and the line that is somebody's own."""

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marelle.web.components.messages import tag
from marelle.web.components.registry import component

OWN = "votre tranche"


@component
def tariff_sections(*, sections: Iterable[Any], own: Collection[str] = ()) -> SafeString:
    """Write the sections of a tariff (`tariff_sentences.Section`), each under a third heading.

    `own` are the names of the bands in which a family's children fall: lines, columns and titles of these say so, in
    words.
    """
    return format_html(
        '<div class="tariff">{}</div>',
        format_html_join(
            "",
            "<section><h3>{}{}</h3>{}{}</section>",
            (
                (
                    section.title,
                    _own(section.title, own),
                    format_html_join("", "<p>{}</p>", ((sentence,) for sentence in section.sentences)),
                    _table(section, own) if section.table else "",
                )
                for section in sections
            ),
        ),
    )


def _own(words: str, own: Collection[str]) -> SafeString:
    """Write « votre tranche » after the name of a band that is."""
    # A band is named alone (« Tranche 2 : plus de 600 ») or after what it is a part of (« Prix – Tranche 2 : … »).
    parts = words.split(" – ")
    if any(part.startswith(f"Tranche {name} : ") for name in own for part in parts):
        return format_html(" {}", tag(text=OWN, tone="green", icon="check"))
    return SafeString()


def _table(section: Any, own: Collection[str]) -> SafeString:
    heads = section.table.header[1:]
    return format_html(
        '<table class="roll prices" role="table"><caption class="v">{}</caption>'
        '<thead role="rowgroup"><tr role="row">{}</tr></thead><tbody role="rowgroup">{}</tbody></table>',
        section.title,
        format_html_join(
            "",
            '<th role="columnheader" scope="col">{}{}</th>',
            ((head, _own(head, own)) for head in section.table.header),
        ),
        format_html_join("", "{}", ((_row(label, cells, heads, own),) for label, *cells in section.table.rows)),
    )


def _row(label: str, cells: list[str], heads: tuple[str, ...], own: Collection[str]) -> SafeString:
    mark = _own(label, own)
    return format_html(
        '<tr role="row"{}><th role="rowheader" scope="row">{}{}</th>{}</tr>',
        SafeString(' class="own"') if mark else "",
        label,
        mark,
        format_html_join(
            "",
            '<td role="cell" data-label="{}">{}</td>',
            ((head, cell) for head, cell in zip(heads, cells, strict=True)),
        ),
    )
