"""PayFiP as the port of payments sees it: an order becomes an idOp, the browser leaves with it, and we ask for it.

An idOp opens within 15 minutes and once. Its result is unknown (P5) while somebody pays, then the same for a year; one
that was never brought to the bank is forgotten in the night (P1). A notice says that something happened, and proves
nothing.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from marelle.domain.payments.gateways import (
    Answer,
    ForgedNoticeError,
    GatewayDownError,
    Mode,
    OrderRefusedError,
    Redirection,
    Result,
    Trouble,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marelle.connectors.payfip.soap import Said
    from marelle.domain.payments.gateways import Merchant, Order

WHOLE_SECONDS: Final = 15.0
LONGEST_OBJET: Final = 100
PARIS: Final = ZoneInfo("Europe/Paris")
SAISIE: Final = {Mode.TEST: "T", Mode.ACTIVATION: "X", Mode.PRODUCTION: "W"}
MODE_OF: Final = {said: mode for mode, said in SAISIE.items()}
RESULTS: Final[dict[str, tuple[Result, str]]] = {
    "P": (Result.PAID, "card"),
    "V": (Result.PAID, "debit"),
    "A": (Result.ABANDONED, ""),
    "R": (Result.REFUSED, ""),
    "Z": (Result.REFUSED, ""),
}
TROUBLES: Final[dict[str, Trouble]] = {
    **dict.fromkeys(("A1", "A2"), Trouble.EMAIL),
    **dict.fromkeys(("M1", "M3", "M5"), Trouble.AMOUNT),
    **dict.fromkeys(("T1", "T2", "T4", "S1"), Trouble.NOT_OPEN),
}
NOT_BEGUN: Final[dict[str, Result]] = {"P5": Result.WAITING, "P1": Result.UNKNOWN}
# As it comes in an address: nothing else may stand there.
ID_OP: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
CENTS: Final = re.compile(r"\d{1,10}", re.ASCII)
MOMENT: Final = re.compile(r"\d{8} \d{4}", re.ASCII)
NOTICE_SPELLINGS: Final = ("idop", "idOp")

log = logging.getLogger("marelle.connectors.payfip")


@dataclass(frozen=True, slots=True)
class PayFiP:
    """The web service at `url` and the payment page at `page_url`. It fulfils `Gateway`.

    A merchant is a régie with its numcli: 6 digits, opened to secured access by the DGFiP.
    """

    url: str
    page_url: str
    whole_seconds: float = WHOLE_SECONDS

    code: ClassVar[str] = "payfip"
    name: ClassVar[str] = "PayFiP"
    is_online: ClassVar[bool] = True
    lowest_cents: ClassVar[int] = 100
    highest_cents: ClassVar[int] = 10_000_000
    stays_payable: ClassVar[timedelta] = timedelta(minutes=120)
    opens_within: ClassVar[timedelta] = timedelta(minutes=15)
    opens_once: ClassVar[bool] = True
    # « A » is not the last word: the page that the browser left is one press back. Nobody published how long.
    comes_back_within: ClassVar[timedelta] = timedelta(minutes=5)

    def begin(self, order: Order) -> Redirection:
        """Will obtain an idOp and return its page. Raises GatewayDownError, OrderRefusedError."""
        said = self._asked(
            "creerPaiementSecurise",
            {
                "exer": f"{order.exercice:04d}",
                "mel": order.email,
                "montant": str(order.cents),
                "numcli": order.merchant.number,
                "objet": plain(order.label),
                "refdet": order.reference,
                "saisie": SAISIE[order.merchant.mode],
                "urlnotif": order.notify_url,
                "urlredirect": order.return_url,
            },
        )
        self._refuse_trouble(said)
        id_op = said.fields.get("idOp", "")
        if not ID_OP.fullmatch(id_op):
            raise _down("creerPaiementSecurise", "no idOp")
        return Redirection(id_op, f"{self.page_url}?{urlencode({'idop': id_op})}")

    def ask(self, order: Order, provider_id: str) -> Answer:
        """Will ask for the result of an idOp. Raises GatewayDownError."""
        said = self._asked("recupererDetailPaiementSecurise", {"idOp": provider_id})
        if said.error in NOT_BEGUN:
            return Answer(NOT_BEGUN[said.error])
        if said.error:
            raise GatewayDownError(said.error)
        answer = _answer(said.fields)
        if answer is None or said.fields.get("idOp") != provider_id:
            raise _down("recupererDetailPaiementSecurise", "not a result")
        return answer

    def check_notice(self, order: Order, provider_id: str, fields: Mapping[str, str]) -> None:
        """Will raise ForgedNoticeError when the notice names another idOp, in either of its spellings."""
        if any(spelling in fields and fields[spelling] != provider_id for spelling in NOTICE_SPELLINGS):
            raise ForgedNoticeError

    def client_of(self, merchant: Merchant) -> tuple[str, ...]:
        """Will return the names under which PayFiP knows a régie, one to three, the widest first.

        Raises GatewayDownError, and OrderRefusedError for a number that it does not know or has not opened.
        """
        said = self._asked("recupererDetailClient", {"numCli": merchant.number})
        self._refuse_trouble(said)
        if said.fields.get("numcli") != merchant.number:
            raise _down("recupererDetailClient", "not a client")
        names = (said.fields.get(f"libelleN{level}", "") for level in (1, 2, 3))
        return tuple(name for name in names if name)

    def _asked(self, operation: str, argument: Mapping[str, str]) -> Said:
        # With its libraries it takes a fifth of a second to load, which no start has to wait for.
        from marelle.connectors.payfip import soap  # noqa: PLC0415

        try:
            said = soap.ask(self.url, operation, argument, whole_seconds=self.whole_seconds)
        except GatewayDownError as error:
            log.warning("%s: %s", operation, error)
            raise
        if said.error in NOT_BEGUN:
            log.info("%s: %s", operation, said.error)
        elif said.error:
            log.warning("%s: %s", operation, said.error)
        return said

    def _refuse_trouble(self, said: Said) -> None:
        if said.error in TROUBLES:
            raise OrderRefusedError(TROUBLES[said.error], said.error)
        if said.error:
            raise GatewayDownError(said.error)


def plain(label: str) -> str:
    """Will write a label with what PayFiP takes: letters without accents, digits and single spaces, 100 at most."""
    separated = label.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE")
    without_accents = "".join(
        letter for letter in unicodedata.normalize("NFKD", separated) if not unicodedata.combining(letter)
    )
    words = re.sub(r"[^A-Za-z0-9]+", " ", without_accents)
    return words.strip()[:LONGEST_OBJET].strip()


def _answer(fields: Mapping[str, str]) -> Answer | None:
    """Will read a result, or None when what must be compared with the order is not there.

    `exer` is never compared: the real service answers « 20 » for 2019.
    """
    result, means = RESULTS.get(fields.get("resultrans", ""), (None, ""))
    mode = MODE_OF.get(fields.get("saisie", ""))
    cents, reference, merchant = fields.get("montant", ""), fields.get("refdet", ""), fields.get("numcli", "")
    if result is None or mode is None or not CENTS.fullmatch(cents) or not reference or not merchant:
        return None
    return Answer(
        result,
        cents=int(cents),
        reference=reference,
        merchant=merchant,
        mode=mode,
        transaction=fields.get("numauto", "")[:64],
        means=means,
        paid_at=_moment(fields) if result is Result.PAID else None,
    )


def _moment(fields: Mapping[str, str]) -> datetime | None:
    """Will return when it was paid, to the minute, said in the time of Paris."""
    said = f"{fields.get('dattrans', '')} {fields.get('heurtrans', '')}"
    if not MOMENT.fullmatch(said):
        return None
    try:
        wall_clock = datetime.strptime(said, "%d%m%Y %H%M").replace(tzinfo=PARIS)
        return wall_clock.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _down(operation: str, why: str) -> GatewayDownError:
    log.warning("%s: %s", operation, why)
    return GatewayDownError(why)
