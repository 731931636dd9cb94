"""What a bank does with a file of direct debits: reads it, refuses what is not allowed, answers what came of the rest.

It reads the XML alone and knows nothing of the house that wrote it. A file is refused whole when it is not well made:
its schema, its sums, its number of operations, its creditor, two operations of one reference, a day that is past or
that banks do not work. An operation is rejected alone: an account whose key is wrong (AC01), one that its bank closed
(AC04), a mandate never seen at FRST or signed after the debit (MD01), one unused for 36 months (MD01), another account
than the last time with no amendment said (MD02), a day that the account is short of money (AM04).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from lxml import etree

VERSIONS = ("pain.008.001.02", "pain.008.001.08")
MONTHS = 36
SATURDAY = 5
SEQUENCES = {"FRST", "RCUR", "OOFF", "FNAL"}


class RefusedFileError(Exception):
    """The whole file is refused; its text says why."""


@dataclass(frozen=True)
class Operation:
    """A debit as the bank read it."""

    reference: str
    cents: int
    rum: str
    signed_on: date
    iban: str
    due_on: date
    sequence: str
    is_amended: bool


@dataclass
class Mandate:
    """What the bank remembers of a mandate: the account, and when it last served."""

    iban: str
    used_on: date


@dataclass
class Bank:
    """A bank, on a day. `closed` are accounts that serve no more, `short` those without money, `refusing` by order."""

    today: date
    closed: set[str] = field(default_factory=set)
    short: set[str] = field(default_factory=set)
    refusing: set[str] = field(default_factory=set)
    creditors: set[str] = field(default_factory=set)
    mandates: dict[tuple[str, str], Mandate] = field(default_factory=dict)
    messages: set[str] = field(default_factory=set)
    collected: dict[str, int] = field(default_factory=dict)

    def take(self, content: bytes) -> list[tuple[str, str, date]]:
        """Return (reference, reason, day) of what is rejected; the rest is collected. Raises RefusedFileError."""
        message, ics, operations = self._read(content)
        if message in self.messages:
            raise RefusedFileError("this message was already taken")
        self.messages.add(message)
        rejected = []
        for one in operations:
            reason = self._reason(ics, one)
            if reason:
                rejected.append((one.reference, reason, one.due_on))
                continue
            self.mandates[ics, one.rum] = Mandate(one.iban, one.due_on)
            self.collected[one.reference] = one.cents
        return rejected

    def outcome(self, rejected: list[tuple[str, str, date]]) -> bytes:
        """Return the file of what is rejected, as our import reads it."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(("reference", "motif", "date"))
        writer.writerows((reference, reason, day.strftime("%d/%m/%Y")) for reference, reason, day in rejected)
        return text.getvalue().encode()

    def status_report(self, rejected: list[tuple[str, str, date]]) -> bytes:
        """Return the same as a pain.002: a status report of what is rejected."""
        space = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"
        root = etree.Element(f"{{{space}}}Document", nsmap={None: space})
        report = etree.SubElement(root, f"{{{space}}}CstmrPmtStsRpt")

        def put(parent: etree._Element, *path: str, text: str = "") -> etree._Element:
            for tag in path:
                parent = etree.SubElement(parent, f"{{{space}}}{tag}")
            parent.text = text or None
            return parent

        put(report, "GrpHdr", "CreDtTm", text=f"{self.today.isoformat()}T07:00:00")
        for reference, reason, _day in rejected:
            one = put(report, "OrgnlPmtInfAndSts", "TxInfAndSts")
            put(one, "OrgnlEndToEndId", text=reference)
            put(one, "TxSts", text="RJCT")
            put(one, "StsRsnInf", "Rsn", "Cd", text=reason)
        written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        return written

    def _read(self, content: bytes) -> tuple[str, str, list[Operation]]:
        try:
            document = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            raise RefusedFileError("not XML") from error
        version = (etree.QName(document).namespace or "").rsplit(":", 1)[-1]
        if version not in VERSIONS:
            raise RefusedFileError(f"unknown version {version}")
        schema = etree.XMLSchema(etree.parse(str(Path(str(files("sepaxml"))) / "schemas" / f"{version}.xsd")))
        if not schema.validate(document):
            raise RefusedFileError(str(schema.error_log.last_error))
        header = next(document.iter("{*}GrpHdr"))
        operations = []
        creditors = set()
        for group in document.iter("{*}PmtInf"):
            creditors.add(group.findtext("{*}CdtrSchmeId/{*}Id/{*}PrvtId/{*}Othr/{*}Id") or "")
            if not has_key(group.findtext("{*}CdtrAcct/{*}Id/{*}IBAN") or ""):
                raise RefusedFileError("the account of the creditor has a wrong key")
            inside = [self._operation(one, group) for one in group.iter("{*}DrctDbtTxInf")]
            self._check_sums(group, inside)
            operations += inside
        self._check_sums(header, operations)
        if len(creditors) != 1 or not creditors <= self.creditors or not has_creditor_key(*creditors):
            raise RefusedFileError("the creditor is not known, or its identifier has a wrong key")
        if len({one.reference for one in operations}) != len(operations):
            raise RefusedFileError("two operations have one reference")
        return header.findtext("{*}MsgId") or "", creditors.pop(), operations

    def _operation(self, one: etree._Element, group: etree._Element) -> Operation:
        due_on = date.fromisoformat(group.findtext("{*}ReqdColltnDt") or "")
        if due_on <= self.today or due_on.weekday() >= SATURDAY:
            raise RefusedFileError("the day of collection is past, or banks do not work on it")
        sequence = group.findtext("{*}PmtTpInf/{*}SeqTp") or ""
        if sequence not in SEQUENCES:
            raise RefusedFileError(f"unknown sequence {sequence}")
        amount = next(one.iter("{*}InstdAmt"))
        cents = Decimal(amount.text or "0") * 100
        if amount.get("Ccy") != "EUR" or cents <= 0:
            raise RefusedFileError("an amount is not a number of euros above zero")
        said = next(one.iter("{*}MndtRltdInf"))
        return Operation(
            reference=one.findtext("{*}PmtId/{*}EndToEndId") or "",
            cents=int(cents),
            rum=said.findtext("{*}MndtId") or "",
            signed_on=date.fromisoformat(said.findtext("{*}DtOfSgntr") or ""),
            iban=one.findtext("{*}DbtrAcct/{*}Id/{*}IBAN") or "",
            due_on=due_on,
            sequence=sequence,
            is_amended=said.findtext("{*}AmdmntInd") == "true",
        )

    @staticmethod
    def _check_sums(said: etree._Element, operations: list[Operation]) -> None:
        total = Decimal(sum(one.cents for one in operations)) / 100
        if int(said.findtext("{*}NbOfTxs") or 0) != len(operations):
            raise RefusedFileError("the number of operations is wrong")
        if Decimal(said.findtext("{*}CtrlSum") or 0) != total:
            raise RefusedFileError("the sum of control is wrong")

    def _reason(self, ics: str, one: Operation) -> str:
        before = self.mandates.get((ics, one.rum))
        since = before.used_on if before else one.signed_on
        lapsed_on = date(since.year + MONTHS // 12, since.month, min(since.day, 28))
        found = (
            ("AC01", not has_key(one.iban)),
            ("AC04", one.iban in self.closed),
            ("MD01", one.signed_on > self.today or (before is not None and one.sequence == "FRST")),
            ("MD01", one.due_on >= lapsed_on),
            ("MD02", before is not None and before.iban != one.iban and not one.is_amended),
            ("MS02", one.rum in self.refusing),
            ("AM04", one.iban in self.short),
        )
        return next((reason for reason, is_so in found if is_so), "")


def has_key(iban: str) -> bool:
    """Return whether the key of an account is right: ISO 13616, modulo 97."""
    digits = "".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def has_creditor_key(ics: str) -> bool:
    """Return whether the key of a creditor identifier is right: the three signs of the business code do not count."""
    digits = "".join(str(int(sign, 36)) for sign in ics[7:] + ics[:4])
    return int(digits) % 97 == 1
