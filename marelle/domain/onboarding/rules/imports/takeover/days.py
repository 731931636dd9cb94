"""Days that families reserved elsewhere and that are to come: taken as if each had been reserved here, in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, NamedTuple

from marelle.domain.onboarding.rules.imports.columns import Column, Where, folded
from marelle.domain.onboarding.rules.imports.kinds import Entry, Line, Options, TakeDay, Verdict
from marelle.domain.onboarding.rules.imports.known import Known
from marelle.domain.onboarding.rules.imports.takeover.whose import (
    TWO_CHILDREN,
    WHOSE,
    Families,
    Found,
    MoneyCells,
    refused,
    to_come,
)
from marelle.foundation.french_dates import in_digits
from marelle.foundation.table_files import Row

_CHILD: Final = frozenset({"last_name", "first_name", "birth_date"})
COLUMNS: Final = (
    *(replace(one, is_needed=one.code in _CHILD) for one in WHOSE),
    Column("product", "Prestation", ("Code de la prestation", "Produit", "Activité", "Service"), is_needed=True),
    Column("day", "Jour", ("Date", "Jour réservé", "Date de réservation"), is_needed=True),
)
NO_PRODUCT: Final = "Aucune prestation ne porte ce nom ni ce code."
WHICH_PRODUCT: Final = "Plusieurs prestations portent ce nom, et l’enfant est inscrit à plus d’une : donnez son code."
FULL: Final = "Complet : toutes les places de ce jour sont prises."
OTHER_HOME: Final = "L’autre foyer de l’enfant a déjà réservé ce jour."
PAID_THERE: Final = "Se paie à la réservation : repris comme déjà payé, rien ne sera facturé."


class KnownProduct(NamedTuple):
    """A product (key). `is_prepaid`: it is paid on booking."""

    key: int
    code: str
    name: str
    is_prepaid: bool = False


class Triple(NamedTuple):
    """A child, a product (keys), a day."""

    child: int
    product: int
    day: date


@dataclass(frozen=True)
class KnownDays:
    """Families, products, and what is known of the days that a file asks for.

    `booked` says which home (key) reserved a day, `enrolled` for which the child is enrolled, `against` what stands
    against one, in words; `slots` where it takes its places (keys), `left` how many each has, when it counts them.
    """

    families: Known
    products: tuple[KnownProduct, ...] = ()
    booked: Mapping[Triple, int] = field(default_factory=dict)
    enrolled: frozenset[Triple] = frozenset()
    against: Mapping[Triple, str] = field(default_factory=dict)
    slots: Mapping[Triple, tuple[int, ...]] = field(default_factory=dict)
    left: Mapping[int, int] = field(default_factory=dict)


class DaysToCome:
    """Reservations to come, one row a child, a product and a day. No place is ever sold twice."""

    code = "reservations"
    title = "Réservations à venir"
    columns = COLUMNS
    is_of_a_school = False
    is_takeover = True

    def entries(self, rows: Sequence[Row], where: Where, *, on: date) -> tuple[Entry, ...]:
        """Will read the days."""
        return tuple(_entry(row, where, on=on) for row in rows)

    def lines(self, entries: Sequence[Entry], known: KnownDays, options: Options) -> tuple[Line, ...]:
        """Will compare the days with what is reserved, and count the places that are left as the rows take them."""
        families = Families(known.families, options)
        taking = _Taking(known)
        return tuple(taking.line(one, families.find(one) if not one.faults else None) for one in entries)


def asked(
    entries: Sequence[Entry], families: Known, products: Sequence[KnownProduct], options: Options
) -> list[tuple[int, Triple]]:
    """Will return the days that rows may ask for, each with its home (key): several where several products may be."""
    finder = Families(families, options)
    found = []
    for entry in entries:
        if entry.faults:
            continue
        whose = finder.find(entry)
        if whose.family is not None and len(whose.children) == 1:
            day = date.fromisoformat(entry.says["day"])
            found += [(whose.family.key, Triple(whose.children[0], one.key, day)) for one in _named(entry, products)]
    return found


def _named(entry: Entry, products: Sequence[KnownProduct]) -> list[KnownProduct]:
    text = folded(entry.says["product"])
    by_code = [one for one in products if folded(one.code) == text]
    return by_code or [one for one in products if folded(one.name) == text]


def _entry(row: Row, where: Where, *, on: date) -> Entry:
    cells = MoneyCells(row.cells, where)
    first, last = to_come(on)
    # A row that names no child is refused for it, whoever else it names.
    says = {
        **cells.whose(on=on),
        "product": cells.text("product", "Prestation", longest=100, is_needed=True),
        "day": cells.day("day", "Jour", first=first, last=last),
    }
    if not any(cells.raw(one) for one in _CHILD):
        cells.faults.append("Enfant : il manque.")
    return Entry(row.number, says, tuple(cells.faults), tuple(cells.notes))


@dataclass
class _Taking:
    known: KnownDays
    seen: dict[Triple, int] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)

    def line(self, entry: Entry, found: Found | None) -> Line:
        """Will return the line of a row, whose family is found unless it has faults."""
        if found is None:
            return refused(entry, *entry.faults)
        if found.family is None:
            return found.line(entry)
        if len(found.children) != 1:
            return refused(entry, TWO_CHILDREN)
        day = date.fromisoformat(entry.says["day"])
        child = self.known.families.child_of[found.children[0]]
        label = f"{child.name}, {entry.says['product']}, {in_digits(day)}"
        product = self._product(entry, child.key, day)
        if isinstance(product, str):
            return refused(entry, product, label=label)
        key = Triple(child.key, product.key, day)
        if against := self._against(key, found.family.key):
            return refused(entry, against, label=label)
        self.seen[key] = entry.number
        is_new = key not in self.known.booked
        notes = (PAID_THERE, *entry.notes) if is_new and product.is_prepaid else entry.notes
        return Line(
            entry.number,
            label,
            Verdict.NEW if is_new else Verdict.UNCHANGED,
            key=child.key,
            words=notes,
            acts=(TakeDay(child.key, found.family.key, product.key, day),) if is_new else (),
            entry=entry,
        )

    def _against(self, key: Triple, family: int) -> str:
        """Will say what stands against a day for a home (key), and take its places when nothing does."""
        if key in self.seen:
            return f"Ce jour est déjà à la ligne {self.seen[key]}."
        if key in self.known.booked:
            return "" if self.known.booked[key] == family else OTHER_HOME
        return self.known.against.get(key, "") or ("" if self._takes_places(key) else FULL)

    def _product(self, entry: Entry, child: int, day: date) -> KnownProduct | str:
        """Will return the product that a row names: of several of one name, the one where the child is enrolled."""
        named = _named(entry, self.known.products)
        if len(named) < 2:  # noqa: PLR2004  one, or none
            return named[0] if named else NO_PRODUCT
        mine = [one for one in named if Triple(child, one.key, day) in self.known.enrolled]
        if len(mine) > 1:
            return WHICH_PRODUCT
        return mine[0] if mine else named[0]

    def _takes_places(self, key: Triple) -> bool:
        """Will take the places of a day, if each of its slots has one; tells whether it did."""
        slots = self.known.slots.get(key, ())
        if any(self.taken.get(one, 0) >= self.known.left[one] for one in slots if one in self.known.left):
            return False
        for one in slots:
            self.taken[one] = self.taken.get(one, 0) + 1
        return True
