"""The meals of some days as a table to read, to print and to load: the same counts, by day, place, diet and allergy."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from marelle.domain.reservations.rules.kitchen import Counts, Portion, same_words, together
from marelle.foundation.french_dates import in_full, moment
from marelle.foundation.spreadsheets import Sheet
from marelle.letters.billing_documents import LOGO_TYPES
from marelle.letters.documents.drawing import tables_pdf
from marelle.letters.documents.parties import Issuer, Logo
from marelle.letters.documents.tables import PaperTable, TablesDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.spreadsheets import Cell

COLUMNS: Final = ("Jour", "Service", "Lieu", "Prestation", "Compte", "Détail", "Nombre", "Commande")
MOST_DIETS: Final = 7  # columns of a sheet of paper
HIDDEN: Final = "Les régimes et les allergies ne sont montrés qu’aux agents qui peuvent connaître la santé des enfants."


@dataclass(frozen=True, slots=True)
class Ordered:
    """The meals of a day of a service at a facility: as they were ordered (`frozen_at`, local), else as expected."""

    date: date
    service: str
    facility: str
    portions: tuple[Portion, ...]
    frozen_at: datetime | None = None
    revision: int = 1

    @property
    def counts(self) -> Counts:
        """Will return what is to be made, over all its products."""
        return together(portion.counts for portion in self.portions)

    @property
    def said(self) -> str:
        """Will write « figée jeudi 26 novembre, 9 h »."""
        if self.frozen_at is None:
            return "prévision"
        return f"{'figée' if self.revision == 1 else f'rectificatif {self.revision - 1},'} {moment(self.frozen_at)}"


def kitchen_sheet(days: Iterable[Ordered]) -> Sheet:
    """Will return the table to load: one number a row."""
    return Sheet("Commande de repas", COLUMNS, [row for one in days for row in _rows(one)])


def _rows(one: Ordered) -> list[tuple[Cell, ...]]:
    found: list[tuple[Cell, ...]] = []
    for portion in one.portions:
        counts = portion.counts
        numbers: list[tuple[str, str, int]] = [("Repas", "", counts.meals)]
        if counts.is_known:
            numbers.append(("Régime", "Sans régime particulier", counts.plain))
            numbers += [("Régime", name, number) for name, number in counts.diets]
            numbers.append(("Avec allergie", "", counts.with_allergy))
            numbers += [("Allergie", name, number) for name, number in counts.allergies]
            numbers.append(("PAI", "", counts.care_plans))
        found += [(one.date, one.service, one.facility, portion.name, *each, one.said) for each in numbers]
    return found


def kitchen_pdf(days: Sequence[Ordered], authority: Authority, *, on: date) -> bytes:
    """Will draw the meals: one table of meals and diets a day, then who must be fed with care, counted."""
    ordered = sorted(days, key=lambda one: (one.date, one.service, one.facility))
    tables: list[PaperTable] = []
    for day, rows in groupby(ordered, key=lambda one: one.date):
        here = list(rows)
        tables.append(_meals(day, here))
        cared = _care(here)
        if cared.rows:
            tables.append(cared)
    is_hidden = any(not one.counts.is_known for one in ordered)
    first, last = ordered[0].date, ordered[-1].date
    when = in_full(first, year=True) if first == last else f"du {in_full(first)} au {in_full(last, year=True)}"
    return tables_pdf(
        TablesDocument(
            title="Repas à préparer",
            subtitle=f"{when[:1].upper()}{when[1:]}, {', '.join(dict.fromkeys(one.service for one in ordered))}",
            issued_on=on,
            issuer=issuer_without_regie(authority),
            tables=tuple(tables),
            words=(HIDDEN,) if is_hidden else (),
            is_wide=True,
        )
    )


def _meals(day: date, here: Sequence[Ordered]) -> PaperTable:
    whole = together(one.counts for one in here)
    names = [name for name, _number in whole.diets]
    has_columns = whole.is_known and len(names) <= MOST_DIETS
    diets = ["Sans régime", *names] if has_columns else []
    has_products = any(len(one.portions) > 1 for one in here)
    columns = ("Lieu", *(["Prestation"] if has_products else []), "Commande", "Repas", *diets)

    def cells(counts: Counts) -> list[str]:
        if not has_columns:
            return [str(counts.meals)]
        mine = {same_words(name): number for name, number in counts.diets}
        return [str(counts.meals), str(counts.plain), *(str(mine.get(same_words(name), 0)) for name in names)]

    rows = []
    several = len({one.service for one in here}) > 1
    for one in here:
        place = f"{one.facility} · {one.service}" if several else one.facility
        rows += [
            (place, *([portion.name] if has_products else []), one.said, *cells(portion.counts))
            for portion in one.portions
        ]
    first_number = len(columns) - 1 - len(diets)
    return PaperTable(
        in_full(day, year=True).capitalize(),
        columns,
        tuple(rows),
        numbers=frozenset(range(first_number, len(columns))),
        total=("Total", *([""] if has_products else []), "", *cells(whole)),
    )


def _care(here: Sequence[Ordered]) -> PaperTable:
    rows: list[tuple[str, str, str, str]] = []
    whole = together(one.counts for one in here)
    has_columns = len(whole.diets) <= MOST_DIETS
    for one in here:
        counts = one.counts
        if not counts.is_known:
            continue
        if not has_columns:
            rows += [(one.facility, "Régime", name, str(number)) for name, number in counts.diets]
        if counts.with_allergy:
            rows.append((one.facility, "Avec allergie", "Enfants", str(counts.with_allergy)))
        rows += [(one.facility, "Allergie", name, str(number)) for name, number in counts.allergies]
        if counts.care_plans:
            rows.append((one.facility, "PAI", "Projets d’accueil individualisé", str(counts.care_plans)))
    title = "Allergies et PAI" if has_columns else "Régimes, allergies et PAI"
    return PaperTable(title, ("Lieu", "Compte", "Détail", "Enfants"), tuple(rows), numbers=frozenset({3}))


def issuer_without_regie(authority: Authority) -> Issuer:
    """Will return the authority as the head of a paper that is about no régie."""
    logo = None
    if authority.logo and authority.logo_type in LOGO_TYPES:
        logo = Logo(bytes(authority.logo), authority.logo_type)  # type: ignore[arg-type]
    return Issuer(name=authority.name, logo=logo, accent=authority.accent)
