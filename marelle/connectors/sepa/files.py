"""Writing the files of banks through sepaxml, and refusing to let out what their schema does not allow.

sepaxml draws its identifiers at random, reads the machine's clock, checks no key and knows no amended mandate: what it
wrote is completed here, then validated against the schema that it carries. The same values give the same bytes.
Banks take the Latin letters of EPC217-08 alone: what has no such sign becomes a space.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from lxml import etree
from sepaxml import SepaDD, SepaTransfer

from marelle.connectors.sepa.returns import returns_in
from marelle.domain.payments.bank_files import UnwritableFileError

if TYPE_CHECKING:
    from marelle.domain.payments.bank_files import DebitOrder, OwnAccount, Return, TransferOrder

TRANSFERS: Final = "pain.001.001.03"
# EPC rulebook, since 2016: the same mandate is now debited from another account, whatever the bank before.
SAME_MANDATE_NEW_ACCOUNT: Final = "SMNDA"
LONGEST_NAME, LONGEST_LABEL = 70, 140
_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "’": "'", "«": " ", "»": " "})
_NOT_LATIN: Final = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")


class SepaFiles:
    """The files of SEPA banks."""

    def debits(self, order: DebitOrder) -> bytes:
        """Will write a pain.008. Raises UnwritableFileError."""
        writer = SepaDD(
            {**_account(order.creditor), "batch": True, "creditor_id": order.creditor.ics}, schema=order.scheme
        )
        for debit in order.debits:
            writer.add_payment(
                {
                    "name": plain(debit.holder, LONGEST_NAME),
                    "IBAN": debit.iban,
                    **({"BIC": debit.bic} if debit.bic else {}),
                    "amount": debit.cents,
                    # FRST is optional since November 2016: RCUR is legal for the first debit too.
                    "type": "RCUR",
                    "collection_date": order.due_on,
                    "mandate_id": debit.rum,
                    "mandate_date": debit.signed_on,
                    "description": plain(debit.label, LONGEST_LABEL),
                    "endtoend_id": debit.reference,
                }
            )
        document = _document(writer, order.message, order.made_at)
        amended = {debit.rum for debit in order.debits if debit.is_amended}
        for mandate in document.iter("{*}MndtRltdInf"):
            if mandate.findtext("{*}MndtId") in amended:
                _say_amended(mandate)
        return _checked(document, order.scheme)

    def transfers(self, order: TransferOrder) -> bytes:
        """Will write a pain.001. Raises UnwritableFileError."""
        writer = SepaTransfer({**_account(order.account), "batch": True}, schema=TRANSFERS)
        for transfer in order.transfers:
            writer.add_payment(
                {
                    "name": plain(transfer.holder, LONGEST_NAME),
                    "IBAN": transfer.iban,
                    **({"BIC": transfer.bic} if transfer.bic else {}),
                    "amount": transfer.cents,
                    "execution_date": order.paid_on,
                    "description": plain(transfer.label, LONGEST_LABEL),
                    "endtoend_id": transfer.reference,
                }
            )
        return _checked(_document(writer, order.message, order.made_at), TRANSFERS)

    def returns(self, content: bytes) -> list[Return]:
        """Will read what came back. Raises UnreadableReturnsError."""
        return returns_in(content)


def plain(text: str, longest: int) -> str:
    """Will write a text in the signs that every bank takes, cut at `longest`; « - » when nothing is left."""
    split = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    letters = "".join(sign for sign in split if not unicodedata.combining(sign))
    words = " ".join(_NOT_LATIN.sub(" ", letters).split())[:longest].strip()
    return words or "-"


def _account(own: OwnAccount) -> dict[str, Any]:
    return {"name": plain(own.name, LONGEST_NAME), "IBAN": own.iban, "BIC": own.bic, "currency": "EUR"}


def _document(writer: SepaDD | SepaTransfer, message: str, made_at: Any) -> etree._Element:
    document = etree.fromstring(writer.export(validate=False))
    named = {"MsgId": message, "CreDtTm": f"{made_at:%Y-%m-%dT%H:%M:%S}", "PmtInfId": message}
    for tag, text in named.items():
        for found in document.iter(f"{{*}}{tag}"):
            found.text = text
    return document


def _say_amended(mandate: etree._Element) -> None:
    space = etree.QName(mandate).namespace
    indicator = etree.SubElement(mandate, f"{{{space}}}AmdmntInd")
    indicator.text = "true"
    inside = mandate
    for tag in ("AmdmntInfDtls", "OrgnlDbtrAcct", "Id", "Othr", "Id"):
        inside = etree.SubElement(inside, f"{{{space}}}{tag}")
    inside.text = SAME_MANDATE_NEW_ACCOUNT


def _checked(document: etree._Element, schema: str) -> bytes:
    if not schema_of(schema).validate(document):
        # The validator's own words may quote a name or an account.
        raise UnwritableFileError(schema)
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True)


@lru_cache(maxsize=4)
def schema_of(name: str) -> etree.XMLSchema:
    """Will load the schema of a version, from those that sepaxml carries."""
    with files("sepaxml").joinpath("schemas", f"{name}.xsd").open("rb") as source:
        return etree.XMLSchema(etree.parse(source, etree.XMLParser(resolve_entities=False, no_network=True)))
