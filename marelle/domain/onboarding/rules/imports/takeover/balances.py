"""What families owed, and what was held for them, on the day that a former software was left.

One row a family and a régie. Two columns rather than a sign: software do not agree on what is below zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from marelle.domain.onboarding.rules.imports.columns import Column, Where
from marelle.domain.onboarding.rules.imports.kinds import Amount, Entry, Line, Options, TakeBalance, Verdict
from marelle.domain.onboarding.rules.imports.takeover.accounts import Accounts
from marelle.domain.onboarding.rules.imports.takeover.whose import (
    REGIE,
    WHOSE,
    MoneyCells,
    Payer,
    Payers,
    past,
    refused,
)
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.foundation.table_files import Row

COLUMNS: Final = (
    *WHOSE,
    REGIE,
    Column("owed", "Reste à payer", ("Solde dû", "Dû", "Impayé", "Débit", "Reste dû")),
    Column("advance", "Avance", ("Porte-monnaie", "Solde du porte-monnaie", "Crédit", "Avance de la famille")),
    Column("included", "Dont factures", ("Dont factures impayées", "Dont impayés repris")),
    Column("as_of", "Solde au", ("Date du solde", "Au", "Arrêté au", "Date")),
)
NOTHING_SAID: Final = "Ni reste à payer, ni avance."
NOTHING_LEFT: Final = "Rien à reprendre : le solde est nul."
TOO_MUCH_INCLUDED: Final = "« Dont factures » dépasse le reste à payer."


class BalancesOfFamilies:
    """What each family owed or had in advance. The invoices that are taken over by themselves are not in it."""

    code = "soldes"
    title = "Soldes et porte-monnaie"
    columns = COLUMNS
    is_of_a_school = False
    is_takeover = True

    def entries(self, rows: Sequence[Row], where: Where, *, on: date) -> tuple[Entry, ...]:
        """Will read the balances."""
        return tuple(_entry(row, where, on=on) for row in rows)

    def lines(self, entries: Sequence[Entry], known: Accounts, options: Options) -> tuple[Line, ...]:
        """Will compare the balances with those that were taken over already."""
        payers = Payers(known.families, known.regies, options)
        seen: dict[tuple[int, int], int] = {}
        return tuple(_line(one, payers.of(one), known, seen, on=options.on) for one in entries)


def _entry(row: Row, where: Where, *, on: date) -> Entry:
    cells = MoneyCells(row.cells, where)
    first, last = past(on)
    says = {
        **cells.whose(on=on),
        "regie": cells.regie(),
        "owed": cells.cents("owed", "Reste à payer"),
        "advance": cells.cents("advance", "Avance"),
        "included": cells.cents("included", "Dont factures"),
        "as_of": cells.day("as_of", "Solde au", first=first, last=last, is_needed=False),
    }
    if not (cells.raw("owed") or cells.raw("advance")):
        cells.faults.append(NOTHING_SAID)
    elif int(says["included"] or 0) > int(says["owed"] or 0):
        cells.faults.append(TOO_MUCH_INCLUDED)
    return Entry(row.number, says, tuple(cells.faults), tuple(cells.notes))


def _line(entry: Entry, payer: Payer | Line, known: Accounts, seen: dict[tuple[int, int], int], *, on: date) -> Line:
    if isinstance(payer, Line):
        return payer
    name = payer.family.name
    if payer.key in seen:
        return refused(entry, f"Cette famille est déjà à la ligne {seen[payer.key]}, pour la même régie.", label=name)
    seen[payer.key] = entry.number
    says = entry.says
    act = TakeBalance(
        family=payer.family.key,
        regie=payer.regie.key,
        owed_cents=int(says["owed"] or 0) - int(says["included"] or 0),
        advance_cents=int(says["advance"] or 0),
        on=date.fromisoformat(says["as_of"]) if says["as_of"] else on,
    )
    return _compared(entry, act, payer, known)


def _compared(entry: Entry, act: TakeBalance, payer: Payer, known: Accounts) -> Line:
    regie, name = payer.regie, payer.family.name
    before = known.openings.get((act.family, act.regie))
    # The day is said by the file, or is that of the import: a file that does not say it is the same the day after.
    is_same_day = before is not None and (not entry.says["as_of"] or before.on == act.on)
    if before is not None and (
        (before.owed_cents, before.advance_cents) != (act.owed_cents, act.advance_cents) or not is_same_day
    ):
        other = f"Un autre solde est déjà repris : {in_words(*before)}. Annulez cet import, ou régularisez à la main."
        return refused(entry, other, label=name)
    amount = Amount(regie.name, act.owed_cents - act.advance_cents)
    if not (act.owed_cents or act.advance_cents):
        nothing = (NOTHING_LEFT, *entry.notes)
        return Line(entry.number, name, Verdict.UNCHANGED, words=nothing, entry=entry, amount=amount)
    words = (f"{regie.name} : {in_words(act.owed_cents, act.advance_cents, act.on)}.", *entry.notes)
    if before is not None:
        return Line(entry.number, name, Verdict.UNCHANGED, words=words, entry=entry, amount=amount)
    taken = sum(
        one.cents for (of, _number), one in known.invoices.items() if (one.family, of) == (act.family, act.regie)
    )
    if taken and act.owed_cents:
        words = (*words, f"Des factures sont reprises aussi ({in_euros(taken)}) : le solde ne doit pas les comprendre.")
    return Line(entry.number, name, Verdict.NEW, words=words, acts=(act,), entry=entry, amount=amount)


def in_words(owed_cents: int, advance_cents: int, on: date) -> str:
    """Will say a balance: « 12,00 € dus, 5,00 € d’avance, au 31/08/2026 »."""
    owed, advance = f"{in_euros(owed_cents)} dus", f"{in_euros(advance_cents)} d’avance"
    parts = (owed if owed_cents else "", advance if advance_cents else "", f"au {in_digits(on)}")
    return ", ".join(filter(None, parts))
