"""Mandates of direct debit that families signed for a régie under a former software: each keeps its reference (RUM).

EPC130-08: a mandate stays in force when who keeps it changes; its creditor, its reference and its day of signature do
not. One that served for nothing during 36 months lapsed; one for a single debit (OOFF) served.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from marelle.domain.onboarding.rules.imports.cells import LONGEST_ADDRESS
from marelle.domain.onboarding.rules.imports.columns import Column, Where
from marelle.domain.onboarding.rules.imports.kinds import Entry, Line, Options, TakeMandate, Verdict
from marelle.domain.onboarding.rules.imports.takeover.accounts import Accounts, KnownMandate
from marelle.domain.onboarding.rules.imports.takeover.whose import (
    REGIE,
    WHOSE,
    KnownRegie,
    MoneyCells,
    Payer,
    Payers,
    past,
    refused,
)
from marelle.domain.payments.rules.bank_accounts import WrongAccountError, bic_from, iban_from, ics_from, masked
from marelle.domain.payments.rules.mandates import LONGEST_RUM, has_lapsed, is_rum
from marelle.foundation.french_dates import in_digits
from marelle.foundation.table_files import Row

COLUMNS: Final = (
    Column("rum", "RUM", ("Référence du mandat", "Référence unique du mandat", "Mandat"), is_needed=True),
    Column("iban", "IBAN", ("IBAN du débiteur",), is_needed=True),
    Column("bic", "BIC", ("BIC du débiteur",)),
    Column("holder", "Titulaire", ("Nom du titulaire", "Titulaire du compte", "Débiteur", "Nom du débiteur")),
    Column("address", "Adresse du titulaire", ("Adresse", "Adresse du débiteur")),
    Column("signed_on", "Signé le", ("Date de signature", "Date de signature du mandat"), is_needed=True),
    Column("place", "Signé à", ("Lieu de signature",)),
    Column("last_used_on", "Dernier prélèvement", ("Dernière utilisation", "Date du dernier prélèvement")),
    Column("sequence", "Séquence", ("Type de prélèvement", "Type de séquence")),
    Column("ics", "ICS", ("Identifiant créancier",)),
    *WHOSE,
    REGIE,
)
ONE_OFF: Final = frozenset({"OOFF", "FNAL"})
SEQUENCES: Final = frozenset({"", "FRST", "RCUR", *ONE_OFF})
UNKNOWN_PLACE: Final = "Lieu non précisé"
NOT_A_RUM: Final = "RUM : 35 signes au plus, des lettres, des chiffres et + ? / - : ( ) . , ’ sans espace."
NOT_A_SEQUENCE: Final = "Séquence : FRST, RCUR, OOFF ou FNAL."
IS_OVER: Final = "Ce mandat ne sert plus : il valait pour un seul prélèvement, ou c’était le dernier."
HAS_LAPSED: Final = "Ce mandat n’a pas servi depuis 36 mois : il est périmé, la famille doit en signer un autre."
USED_BEFORE: Final = "Le dernier prélèvement est avant la signature."
NO_CREDITOR: Final = "Cette régie n’a pas encore de compte créancier : donnez-lui son ICS d’abord."
OTHER_CREDITOR: Final = "L’ICS n’est pas celui de la régie : ce mandat a été signé pour un autre créancier."
NO_ADDRESS: Final = "L’adresse du titulaire manque, et le dossier n’en a pas."
OTHERWISE: Final = "Un mandat de cette RUM est déjà ici, avec un autre compte, une autre date ou une autre famille."
HAS_ONE: Final = "Cette famille a déjà un mandat en service pour cette régie : révoquez-le d’abord."


class MandatesOfFamilies:
    """Mandates signed elsewhere: the next debit is made under the same reference."""

    code = "mandats"
    title = "Mandats de prélèvement"
    columns = COLUMNS
    is_of_a_school = False
    is_takeover = True

    def entries(self, rows: Sequence[Row], where: Where, *, on: date) -> tuple[Entry, ...]:
        """Will read the mandates."""
        return tuple(_entry(row, where, on=on) for row in rows)

    def lines(self, entries: Sequence[Entry], known: Accounts, options: Options) -> tuple[Line, ...]:
        """Will compare the mandates with those that are here."""
        payers = Payers(known.families, known.regies, options)
        seen: dict[tuple[int, str | int], int] = {}
        return tuple(_line(one, payers.of(one), known, seen, on=options.on) for one in entries)


def _entry(row: Row, where: Where, *, on: date) -> Entry:
    cells = MoneyCells(row.cells, where)
    first, last = past(on)
    says = {
        # As it was signed: capitals and spaces are part of it.
        "rum": cells.text("rum", "RUM", longest=LONGEST_RUM, is_needed=True),
        "holder": cells.text("holder", "Titulaire", longest=140),
        "address": cells.text("address", "Adresse du titulaire", longest=LONGEST_ADDRESS),
        "place": cells.text("place", "Signé à", longest=80),
        "signed_on": cells.day("signed_on", "Signé le", first=date(2009, 11, 1), last=last),
        "last_used_on": cells.day("last_used_on", "Dernier prélèvement", first=first, last=last, is_needed=False),
        "sequence": cells.text("sequence", "Séquence", longest=4).upper(),
        **_account(cells),
        **cells.whose(on=on),
        "regie": cells.regie(),
    }
    if says["rum"] and not is_rum(says["rum"]):
        cells.faults.append(NOT_A_RUM)
    if says["sequence"] not in SEQUENCES:
        cells.faults.append(NOT_A_SEQUENCE)
    if says["last_used_on"] and says["last_used_on"] < says["signed_on"]:
        cells.faults.append(USED_BEFORE)
    return Entry(row.number, says, tuple(cells.faults), tuple(cells.notes))


def _account(cells: MoneyCells) -> dict[str, str]:
    """Will read the account and its creditor; what is wrong of them is said without repeating it."""
    says = {"iban": "", "bic": "", "ics": ""}
    try:
        says["iban"] = iban_from(cells.raw("iban"))
        says["bic"] = bic_from(cells.raw("bic"), iban=says["iban"])
        says["ics"] = ics_from(cells.raw("ics")) if cells.raw("ics") else ""
    except WrongAccountError as error:
        cells.faults.append(error.fault.value)
    return says


def _line(
    entry: Entry, payer: Payer | Line, known: Accounts, seen: dict[tuple[int, str | int], int], *, on: date
) -> Line:
    if isinstance(payer, Line):
        return payer
    says, name = entry.says, payer.family.name
    act = TakeMandate(
        family=payer.family.key,
        regie=payer.regie.key,
        rum=says["rum"],
        signed_on=date.fromisoformat(says["signed_on"]),
        last_used_on=date.fromisoformat(says["last_used_on"]) if says["last_used_on"] else None,
        place=says["place"] or UNKNOWN_PLACE,
        holder=says["holder"] or name,
        address=says["address"] or payer.family.address,
        iban=says["iban"],
        bic=says["bic"],
    )
    keys: tuple[tuple[int, str | int], ...] = ((act.regie, act.rum), (act.regie, act.family))
    if twice := [seen[key] for key in keys if key in seen]:
        words = f"Cette RUM, ou cette famille, est déjà à la ligne {twice[0]} pour la même régie."
        return refused(entry, words, label=name)
    seen.update(dict.fromkeys(keys, entry.number))
    same = next((one for one in known.mandates if (one.ics, one.rum) == (payer.regie.ics, act.rum)), None)
    is_known = same is not None and _is_alike(same, act)
    fault = "" if is_known else _fault(entry, act, payer.regie, known, on=on)
    if fault:
        return refused(entry, fault, label=name)
    return Line(
        entry.number,
        name,
        Verdict.UNCHANGED if is_known else Verdict.NEW,
        words=(f"{act.rum}, {masked(act.iban)}, signé le {in_digits(act.signed_on)}.", *entry.notes),
        acts=() if is_known else (act,),
        entry=entry,
    )


def _is_alike(known: KnownMandate, act: TakeMandate) -> bool:
    return (known.family, known.regie, known.iban, known.signed_on) == (act.family, act.regie, act.iban, act.signed_on)


def _fault(entry: Entry, act: TakeMandate, regie: KnownRegie, known: Accounts, *, on: date) -> str:
    """Will say what stands against a mandate that is not here; nothing when nothing does."""
    says = entry.says
    has_one = any(one.is_living and (one.family, one.regie) == (act.family, act.regie) for one in known.mandates)
    faults = (
        (not regie.ics, NO_CREDITOR),
        (says["ics"] not in {"", regie.ics}, OTHER_CREDITOR),
        (any((one.ics, one.rum) == (regie.ics, act.rum) for one in known.mandates), OTHERWISE),
        (says["sequence"] in ONE_OFF, IS_OVER),
        (has_lapsed(act.signed_on, act.last_used_on, on=on), HAS_LAPSED),
        (not act.address, NO_ADDRESS),
        (has_one, HAS_ONE),
    )
    return next((words for is_so, words in faults if is_so), "")
