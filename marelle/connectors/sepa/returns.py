"""Reading the debits that came back: a CSV of ours (reference; reason; day), or the bank's own pain.002.

The CSV has a line of titles (« reference », « motif », « date ») and takes « ; », « , » or tabulations. Of a pain.002,
the transactions that are rejected (RJCT) are read; their day is that of the file.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Final

from lxml import etree

from marelle.domain.payments.bank_files import Return, UnreadableReturnsError
from marelle.domain.payments.rules.mandates import is_reason

MOST_ROWS: Final = 20_000
TITLES: Final = ("reference", "motif", "date")
LONGEST_REFERENCE: Final = 35


def returns_in(content: bytes) -> list[Return]:
    """Will read a file of returns, of either form. Raises UnreadableReturnsError."""
    if not content.strip():
        raise UnreadableReturnsError("Le fichier est vide.")
    return _of_xml(content) if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") else _of_csv(content)


def _of_csv(content: bytes) -> list[Return]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.splitlines()[0] if text.splitlines() else ""
    delimiter = max(";,\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableReturnsError("Ce fichier n’est pas un tableau CSV.") from error
    titles = [title.strip().lower().replace("é", "e") for title in rows[0]] if rows else []
    if any(title not in titles for title in TITLES):
        raise UnreadableReturnsError("La première ligne doit nommer les colonnes : reference;motif;date.")
    if len(rows) > MOST_ROWS:
        raise UnreadableReturnsError(f"Ce fichier a plus de {MOST_ROWS} lignes.")
    places = [titles.index(title) for title in TITLES]
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= max(places):
            raise UnreadableReturnsError(f"Ligne {number} : il manque une colonne.")
        reference, reason, day = (row[place].strip() for place in places)
        found.append(_return(reference, reason.upper(), day, f"Ligne {number}"))
    return found


def _of_xml(content: bytes) -> list[Return]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        document = etree.fromstring(content.lstrip(b"\xef\xbb\xbf \r\n\t"), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableReturnsError("Ce fichier XML est mal formé.") from error
    if document.getroottree().docinfo.doctype or document.find("{*}CstmrPmtStsRpt") is None:
        raise UnreadableReturnsError("Ce fichier XML n’est pas un compte rendu de prélèvements (pain.002).")
    made = (document.findtext("{*}CstmrPmtStsRpt/{*}GrpHdr/{*}CreDtTm") or "")[:10]
    found = []
    for number, one in enumerate(document.iter("{*}TxInfAndSts"), start=1):
        if (one.findtext("{*}TxSts") or "RJCT") != "RJCT":
            continue
        reason = one.findtext("{*}StsRsnInf/{*}Rsn/{*}Cd") or "MS03"
        found.append(_return(one.findtext("{*}OrgnlEndToEndId") or "", reason, made, f"Opération {number}"))
    return found


def _return(reference: str, reason: str, day: str, where: str) -> Return:
    if not 0 < len(reference) <= LONGEST_REFERENCE:
        raise UnreadableReturnsError(f"{where} : la référence du prélèvement est vide ou trop longue.")
    if not is_reason(reason):
        raise UnreadableReturnsError(f"{where} : le motif doit être un code de quatre signes, comme AM04.")
    return Return(reference, reason, _day(day, where))


def _day(text: str, where: str) -> date:
    digits = text.split("/")
    iso = "-".join(reversed(digits)) if len(digits) == 3 else text  # noqa: PLR2004  day, month, year
    try:
        return date.fromisoformat(iso)
    except ValueError as error:
        raise UnreadableReturnsError(f"{where} : la date se lit 05/12/2026 ou 2026-12-05.") from error
