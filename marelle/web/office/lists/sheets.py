"""Lists as screens, papers and spreadsheets show them: groups of children, each with what she comes for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from marelle.domain.reservations.queries.french_names import in_order
from marelle.foundation.french_dates import in_full, in_short
from marelle.foundation.spreadsheets import Sheet
from marelle.letters.documents.tables import PaperTable
from marelle.web.office.day.wording import pickup
from marelle.web.office.health_words import HealthTag, health_tags
from marelle.web.office.lists import wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.families.queries.profile import Pickup
    from marelle.domain.reservations.queries.lists import Coming, Listing
    from marelle.web.office.homes_of_day import HomeOfDay

    Pickups = Mapping[int, Sequence[Pickup]]
    Homes = Mapping[int, HomeOfDay]

_LAST: Final = time.max  # after every part of the day


class Cell(NamedTuple):
    """What a child comes for, in a column: its name, then words (empty: nothing); `is_told`: she is told absent."""

    column: str
    words: str
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class ListRow:
    """A child on a list."""

    name: str
    school_class: str
    tags: tuple[HealthTag, ...]
    is_health_known: bool
    cells: tuple[Cell, ...]
    pickups: tuple[str, ...]
    photo: str = ""
    # The home that answers for her that day, of a child who has two.
    home: str = ""

    @property
    def named(self) -> str:
        """Will write her name on paper, with the home of the day."""
        return f"{self.name} ({self.home[:1].lower()}{self.home[1:]})" if self.home else self.name

    @property
    def health(self) -> str:
        """Will write what is to be minded, in one line."""
        return " ; ".join(tag.text for tag in self.tags)


@dataclass(frozen=True, slots=True)
class ListGroup:
    """The children of a class, of a group or with an option: one table, one printed page."""

    name: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[ListRow, ...]
    shows_health: bool
    shows_class: bool
    shows_pickups: bool

    @property
    def count(self) -> str:
        """Will write how many they are."""
        return wording.counted(len(self.rows))


@dataclass(slots=True)
class _Group:
    name: str
    note: str = ""
    products: dict[int, ProductOffer] = field(default_factory=dict)
    comings: dict[int, list[Coming]] = field(default_factory=dict)


def groups(
    listing: Listing,
    products: Sequence[ProductOffer],
    days: Sequence[date],
    *,
    kind: str,
    pickups: Pickups,
    photos: Mapping[int, str],
    homes: Homes,
) -> tuple[ListGroup, ...]:
    """Will return the groups of a list, in the order of the school, of the day, or of the options' names.

    `photos` says where the photo of each child (key) is, of those that may be shown. Over one day a column is a
    product; over several, a day, and what it says is what the child comes for.
    """
    offered = {product.pk: product for product in products}
    found: dict[Any, _Group] = {}
    for coming in listing.comings:
        product = offered[coming.product]
        for key, name, note in _keys(coming, listing, products, kind=kind, product=product):
            group = found.setdefault(key, _Group(name, note))
            group.products[product.pk] = product
            group.comings.setdefault(coming.child, []).append(coming)
    return tuple(
        _group(found[key], listing, offered, days, kind=kind, pickups=pickups, photos=photos, homes=homes)
        for key in sorted(found)
    )


def _keys(
    coming: Coming, listing: Listing, products: Sequence[ProductOffer], *, kind: str, product: ProductOffer
) -> Iterator[tuple[Any, str, str]]:
    """Will yield the groups that somebody who comes is in: how each sorts, its name, a word beside it."""
    child = listing.children[coming.child]
    place = product.activity.facility_name
    is_alone = len({one.activity.facility_pk for one in products}) == 1
    here = (in_order(place), product.activity.facility_pk)
    if kind == wording.BY_OPTION:
        for code in listing.options.get((child.pk, product.activity.pk), ()):
            yield (in_order(wording.option(code)), code), wording.option(code), ""
    elif kind == wording.BY_GROUP:
        parts = product.parts_for(child.birth_date, coming.date)
        for part in parts:
            ages = _ages(part.min_age, part.max_age)
            name = f"{part.name} · {place}" if not is_alone else part.name
            yield (here, part.ends_at, part.name, part.pk), name, ages
        if not parts:
            yield (here, _LAST, "", 0), wording.WITHOUT_GROUP if is_alone else f"{wording.WITHOUT_GROUP} · {place}", ""
    else:
        name = child.class_name or wording.WITHOUT_CLASS
        yield (here, child.class_order), name if is_alone else f"{name} · {place}", child.class_teacher


def _ages(least: int | None, most: int | None) -> str:
    if least is not None and most is not None:
        return f"de {least} à {most} ans"
    if least is not None:
        return f"à partir de {least} ans"
    return f"jusqu’à {most} ans" if most is not None else ""


def _group(
    group: _Group,
    listing: Listing,
    offered: Mapping[int, ProductOffer],
    days: Sequence[date],
    *,
    kind: str,
    pickups: Pickups,
    photos: Mapping[int, str],
    homes: Homes,
) -> ListGroup:
    is_week = len(days) > 1
    here = [product for pk, product in offered.items() if pk in group.products]
    says_place = kind == wording.BY_OPTION and len({one.activity.facility_pk for one in here}) > 1
    if is_week:
        columns = tuple(in_short(day) for day in days)
    elif says_place:
        columns = ("Prestations",)
    else:
        columns = _distinct(here)
    children = sorted((listing.children[pk] for pk in group.comings), key=lambda child: child.order)
    rows = []
    for child in children:
        mine = group.comings[child.pk]
        if is_week:
            cells = tuple(
                _of_day(name, day, mine, offered, says_place=says_place)
                for day, name in zip(days, columns, strict=True)
            )
        elif says_place:
            cells = (_of_day("Prestations", days[0], mine, offered, says_place=True),)
        else:
            by_product = {coming.product: coming for coming in mine}
            cells = tuple(
                _of_product(name, by_product.get(product.pk)) for product, name in zip(here, columns, strict=True)
            )
        rows.append(
            ListRow(
                child.full_name,
                child.class_name,
                health_tags(child.health, on=days[0]),
                child.is_health_known,
                cells,
                tuple(pickup(person) for person in pickups.get(child.pk, ())),
                photos.get(child.pk, ""),
                homes[child.pk].words if child.pk in homes else "",
            )
        )
    return ListGroup(
        group.name,
        group.note,
        columns,
        tuple(rows),
        shows_health=any(row.is_health_known for row in rows),
        shows_class=kind != wording.BY_CLASS,
        shows_pickups=any(row.pickups for row in rows),
    )


def _distinct(products: Sequence[ProductOffer]) -> tuple[str, ...]:
    """Will name the columns of these products, with their activity where two have one name."""
    names = [product.name for product in products]
    return tuple(
        name if names.count(name) == 1 else f"{name}, {product.activity.name}"
        for name, product in zip(names, products, strict=True)
    )


def _of_product(name: str, coming: Coming | None) -> Cell:
    if coming is None:
        return Cell(name, wording.NO)
    return Cell(name, wording.TOLD, is_told=True) if coming.is_told else Cell(name, wording.YES)


def _of_day(
    name: str, day: date, mine: Sequence[Coming], offered: Mapping[int, ProductOffer], *, says_place: bool
) -> Cell:
    here = [coming for coming in mine if coming.date == day]
    if not here:
        return Cell(name, wording.NO)
    coming_for = [offered[coming.product] for coming in here if not coming.is_told]
    if not coming_for:
        return Cell(name, wording.TOLD, is_told=True)
    words = list(dict.fromkeys(product.name for product in coming_for))
    places = list(dict.fromkeys(product.activity.facility_name for product in coming_for)) if says_place else []
    said = ", ".join(words)
    return Cell(name, f"{said} ({', '.join(places)})" if places else said)


def sheet_of(found: Sequence[ListGroup], title: str) -> Sheet:
    """Will return one table for a spreadsheet: the group of each child in its own column.

    Columns that only some groups have are filled for those alone. Health is there for who may know it, and nowhere
    else: without any, there is no column for it.
    """
    columns = list(dict.fromkeys(name for group in found for name in group.columns))
    has_health = any(group.shows_health for group in found)
    has_homes = any(row.home for group in found for row in group.rows)
    more = [*(["Santé"] if has_health else []), *(["Foyer du jour"] if has_homes else [])]
    head = ["Groupe", "Enfant", "Classe", *columns, *more, "Peut venir"]
    rows = []
    for group in found:
        for row in group.rows:
            by_column = {cell.column: cell.words for cell in row.cells}
            rows.append(
                (
                    group.name,
                    row.name,
                    row.school_class,
                    *(by_column.get(name, "") for name in columns),
                    *([row.health] if has_health else []),
                    *([row.home] if has_homes else []),
                    " ; ".join(row.pickups),
                )
            )
    return Sheet(title, head, rows)


def tables_of(found: Sequence[ListGroup]) -> tuple[PaperTable, ...]:
    """Will return the tables to print, one a group, with a column to tick by hand."""
    tables = []
    for group in found:
        columns = ("Vu", "Enfant", *(["Classe"] if group.shows_class else []), *group.columns)
        more = (*(["Santé"] if group.shows_health else []), *(["Peut venir"] if group.shows_pickups else []))
        tables.append(
            PaperTable(
                group.name,
                (*columns, *more),
                tuple(
                    (
                        "□",
                        row.named,
                        *([row.school_class] if group.shows_class else []),
                        *(cell.words for cell in row.cells),
                        *([row.health] if group.shows_health else []),
                        *([" ; ".join(row.pickups)] if group.shows_pickups else []),
                    )
                    for row in group.rows
                ),
                note=" · ".join(part for part in (group.note, group.count) if part),
                narrow=frozenset({0}),
            )
        )
    return tuple(tables)


def days_said(days: Sequence[date]) -> str:
    """Will write the days of a list as a subtitle: the date, or the first and the last one."""
    if len(days) == 1:
        words = in_full(days[0], year=True)
        return words[:1].upper() + words[1:]
    return f"Du {in_full(days[0])} au {in_full(days[-1], year=True)}"
