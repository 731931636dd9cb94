"""Invoices that a former software issued and that were not paid, in whole or in part: what is left of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from marelle.domain.billing.rules.imports import LONGEST, LONGEST_TERM
from marelle.domain.billing.rules.imports import Column as BillingColumn
from marelle.domain.onboarding.rules.imports.columns import Column, Where
from marelle.domain.onboarding.rules.imports.kinds import Amount, Entry, Line, Options, TakeInvoice, Verdict
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
from marelle.foundation.money import in_euros
from marelle.foundation.table_files import Row

LONGEST_LABEL: Final = 80
COLUMNS: Final = (
    Column("number", "Numéro de facture", ("Facture", "N° facture", "Référence"), is_needed=True),
    Column("label", "Objet", ("Libellé", "Période")),
    Column("issued_on", "Date", ("Date de la facture", "Date d’émission"), is_needed=True),
    Column("due_on", "Échéance", ("Date d’échéance", "À payer avant le")),
    Column("total", "Montant", ("Montant de la facture", "Total")),
    Column("left", "Reste à payer", ("Reste dû", "Solde", "Impayé"), is_needed=True),
    *WHOSE,
    REGIE,
)
MORE_THAN_TOTAL: Final = "Il reste à payer plus que le montant de la facture."
NO_SIGN: Final = "Le numéro de facture n’a ni lettre ni chiffre."
WRONG_TERM: Final = "L’échéance va de la date de la facture à deux ans après elle."
NOTHING_LEFT: Final = "Elle est payée : rien à reprendre."
OTHERWISE: Final = "Une facture de ce numéro est déjà ici, avec un autre montant, une autre date ou une autre famille."


class UnpaidInvoices:
    """Unpaid invoices: what is left of each becomes an imported invoice of the family, paid as they are."""

    code = "factures-impayees"
    title = "Factures impayées"
    columns = COLUMNS
    is_of_a_school = False
    is_takeover = True

    def entries(self, rows: Sequence[Row], where: Where, *, on: date) -> tuple[Entry, ...]:
        """Will read the invoices."""
        return tuple(_entry(row, where, on=on) for row in rows)

    def lines(self, entries: Sequence[Entry], known: Accounts, options: Options) -> tuple[Line, ...]:
        """Will compare the invoices with those of other software that are here."""
        payers = Payers(known.families, known.regies, options)
        seen: dict[tuple[int, str], int] = {}
        return tuple(_line(one, payers.of(one), known, seen) for one in entries)


def _entry(row: Row, where: Where, *, on: date) -> Entry:
    cells = MoneyCells(row.cells, where)
    first, last = past(on)
    number = cells.text("number", "Numéro de facture", longest=LONGEST[BillingColumn.REFERENCE], is_needed=True)
    issued = cells.day("issued_on", "Date", first=first, last=last)
    says = {
        "number": number,
        "label": cells.text("label", "Objet", longest=LONGEST_LABEL),
        "issued_on": issued,
        "due_on": cells.day("due_on", "Échéance", first=first, last=last + LONGEST_TERM, is_needed=False) or issued,
        "total": cells.cents("total", "Montant"),
        "left": cells.cents("left", "Reste à payer", is_needed=True),
        **cells.whose(on=on),
        "regie": cells.regie(),
    }
    if number and not any(sign.isalnum() for sign in number):
        cells.faults.append(NO_SIGN)
    if says["total"] and int(says["left"] or 0) > int(says["total"]):
        cells.faults.append(MORE_THAN_TOTAL)
    if issued and says["due_on"]:
        term = date.fromisoformat(says["due_on"]) - date.fromisoformat(issued)
        if term.days < 0 or term > LONGEST_TERM:
            cells.faults.append(WRONG_TERM)
    return Entry(row.number, says, tuple(cells.faults), tuple(cells.notes))


def _line(entry: Entry, payer: Payer | Line, known: Accounts, seen: dict[tuple[int, str], int]) -> Line:
    if isinstance(payer, Line):
        return payer
    says, regie = entry.says, payer.regie
    label = f"{payer.family.name}, {says['number']}"
    key = (regie.key, says["number"].upper())
    if key in seen:
        return refused(entry, f"Cette facture est déjà à la ligne {seen[key]}.", label=label)
    seen[key] = entry.number
    act = TakeInvoice(
        family=payer.family.key,
        regie=regie.key,
        number=says["number"],
        label=_label(entry),
        cents=int(says["left"]),
        issued_on=date.fromisoformat(says["issued_on"]),
        due_on=date.fromisoformat(says["due_on"]),
    )
    before = known.invoices.get(key)
    if before is not None and before != (
        act.number, act.family, act.cents, act.issued_on, act.due_on
    ):  # fmt: skip
        return refused(entry, OTHERWISE, label=label)
    said = f"{regie.name} : {in_euros(act.cents)} à payer." if act.cents else NOTHING_LEFT
    is_new = before is None and act.cents > 0
    return Line(
        entry.number,
        label,
        Verdict.NEW if is_new else Verdict.UNCHANGED,
        words=(said, *entry.notes),
        acts=(act,) if is_new else (),
        entry=entry,
        amount=Amount(regie.name, act.cents),
    )


def _label(entry: Entry) -> str:
    """Will return what the family reads of it: what it is for, and of how much it is the rest."""
    says = entry.says
    label = says["label"] or f"Facture {says['number']}"
    is_part = says["total"] and says["total"] != says["left"]
    return f"{label} (reste dû sur {in_euros(int(says['total']))})" if is_part else label
