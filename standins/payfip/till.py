"""What PayFiP knows: its clients, the operations it was asked for, and what became of them. Amounts in cents."""

from __future__ import annotations

import itertools
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
OPENS_WITHIN = timedelta(minutes=15)
KEPT = timedelta(days=365)
# The hour of the nightly clean-up is not public. What was created in the two hours before may still be being paid.
NIGHT = time(3)
SPARED = timedelta(hours=2)
LOWEST, HIGHEST = 100, 10_000_000
OUTCOMES = {
    "P": "Payé par carte bancaire",
    "V": "Payé par prélèvement",
    "A": "Abandonné",
    "R": "Carte refusée",
    "Z": "Prélèvement refusé",
}
WORDS = {
    "A1": "Adresse mél absente.",
    "A2": "Adresse mél incorrecte. ",
    "D1": "URL de redirection incorrecte.",
    "M1": "Le format du paramètre MONTANT n'est pas conforme",
    "M3": "Le montant est inférieur au minimum autorisé.",
    "M5": "Le montant est supérieur au maximum autorisé.",
    "N1": "URL de notification incorrecte.",
    "P1": "IdOp incorrect.",
    "P3": "IdOp déjà utilisé.",
    "P4": "IdOp expiré.",
    "P5": "Résultat de la transaction non connu.",
    "R3": "Le format du paramètre REFDET n'est pas conforme",
    "S1": "Type de saisie incorrect.",
    "T1": "Le format du paramètre NUMCLI n'est pas conforme",
    "T2": "Numéro de client inconnu.",
    "T4": "Le client n'est pas ouvert aux accès sécurisés.",
}


class FunctionalError(Exception):
    """A refusal of the table, by its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TechnicalError(Exception):
    """A fault of one of the three technical types, by its name."""


@dataclass(frozen=True)
class Client:
    """A régie known by its number. `saisies` are those it may use; it is opened to secured access, or not yet."""

    numcli: str
    names: tuple[str, str, str] = ("REGIE DE RECETTES", "COMMUNE FICTIVE", "ENFANCE ET JEUNESSE")
    is_opened: bool = True
    saisies: str = "TXW"


CLIENTS = (
    Client("090909"),
    Client("090910", names=("REGIE EN COURS D ACTIVATION", "COMMUNE FICTIVE", "MUSIQUE"), saisies="TX"),
    Client("090904", is_opened=False),
)


@dataclass
class Operation:
    """One idOp. `altered` replaces fields of its answer, for who must notice."""

    idop: str
    asked: dict[str, str]
    created_at: datetime
    opened_at: datetime | None = None
    outcome: str = ""
    ended_at: datetime | None = None
    numauto: str = ""
    altered: dict[str, str] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        """Whether nothing may replace the outcome: who abandoned may go back and pay."""
        return self.outcome not in ("", "A")


class Till:
    """Clients and operations. `now` says the moment; `takes_anyone` makes every well-formed numcli a client."""

    def __init__(self, clients: Iterable[Client], *, now: Callable[[], datetime], takes_anyone: bool = False) -> None:
        self.clients = {client.numcli: client for client in clients}
        self.now = now
        self.takes_anyone = takes_anyone
        self.operations: dict[str, Operation] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    # ------------------------------------------------------------------------------------- what is asked by SOAP
    def create(self, asked: Mapping[str, str]) -> Operation:
        """Check each parameter, then keep a new operation; raise FunctionalError, TechnicalError."""
        client = self._client(asked.get("numcli", ""))
        check(asked, client)
        with self._lock:
            operation = Operation(str(uuid.uuid4()), dict(asked), created_at=self.now())
            self.operations[operation.idop] = operation
            return operation

    def detail(self, idop: str) -> dict[str, str]:
        """Return what became of an operation; raise P1 or P5."""
        with self._lock:
            operation = self._known(idop)
            if not operation.outcome or operation.ended_at is None:
                raise FunctionalError("P5")
            at, asked = operation.ended_at.astimezone(PARIS), operation.asked
            said = {
                "dattrans": at.strftime("%d%m%Y"),
                "exer": asked.get("exer", "")[:2],  # as recorded
                "heurtrans": at.strftime("%H%M"),
                "idOp": idop,
                "mel": asked["mel"],
                "montant": asked["montant"],
                "numauto": operation.numauto,
                "numcli": asked["numcli"],
                "objet": asked.get("objet", ""),
                "refdet": asked["refdet"],
                "resultrans": operation.outcome,
                "saisie": asked["saisie"],
            }
            said |= operation.altered
            return {name: value for name, value in said.items() if value}

    def client(self, numcli: str) -> dict[str, str]:
        """Return the names of a client; raise T1, T2 or T4."""
        client = self._client(numcli)
        return {f"libelleN{level}": name for level, name in enumerate(client.names, 1)} | {"numcli": client.numcli}

    def _client(self, numcli: str) -> Client:
        if not re.fullmatch(r"[0-9]{6}", numcli):
            raise FunctionalError("T1")
        client = self.clients.get(numcli) or (Client(numcli) if self.takes_anyone else None)
        if client is None:
            raise FunctionalError("T2")
        if not client.is_opened:
            raise FunctionalError("T4")
        return client

    # -------------------------------------------------------------------------------------- what is done on the page
    def open(self, idop: str) -> Operation:
        """Open the payment page, once and in time; raise P1, P3 or P4."""
        with self._lock:
            operation = self._known(idop)
            if operation.opened_at is not None:
                raise FunctionalError("P3")
            if self.now() - operation.created_at > OPENS_WITHIN:
                raise FunctionalError("P4")
            operation.opened_at = self.now()
            return operation

    def conclude(self, idop: str, outcome: str) -> Operation:
        """End an operation whose page is open, or opens now; raise P1, P3 or P4."""
        with self._lock:
            operation = self._known(idop)
            if operation.opened_at is None:
                self.open(idop)
            if operation.is_final:
                raise FunctionalError("P3")
            return self.settle(idop, outcome)

    def settle(self, idop: str, outcome: str) -> Operation:
        """End an operation whatever has become of it: the bank's answer came late, or the night was wrong."""
        with self._lock:
            operation = self.operations[idop]
            operation.outcome, operation.ended_at = outcome, self.now()
            # 6 characters from a bank, 16 from a debit, none when nothing was paid.
            number = f"{next(self._numbers):012d}"
            operation.numauto = {"P": number[-6:], "V": f"{number}-tip"}.get(outcome, "")
            return operation

    def _known(self, idop: str) -> Operation:
        operation = self.operations.get(idop)
        if operation is None or self._is_forgotten(operation):
            raise FunctionalError("P1")
        return operation

    def _is_forgotten(self, operation: Operation) -> bool:
        """Whether a night has passed on what nobody paid, or a year on the rest."""
        if operation.ended_at is not None:
            return self.now() - operation.ended_at > KEPT
        safe_until = (operation.created_at + SPARED).astimezone(PARIS)
        night = datetime.combine(safe_until.date(), NIGHT, PARIS)
        if night < safe_until:
            night = datetime.combine(safe_until.date() + timedelta(days=1), NIGHT, PARIS)
        return self.now() >= night.astimezone(UTC)


def check(asked: Mapping[str, str], client: Client) -> None:
    """Raise the FunctionalError of the first parameter that is wrong.

    The address comes before the amount: the real service says A2 when both are wrong. The rest of the order is ours.
    """
    said = {name: asked.get(name, "") for name in ("mel", "refdet", "montant", "saisie", "urlnotif", "urlredirect")}
    mel, montant = said["mel"], said["montant"]
    cents = int(montant) if re.fullmatch(r"[0-9]{1,12}", montant) else HIGHEST + 1
    checks = {
        "A1": bool(mel),
        "A2": re.fullmatch(r"[^@\s]+@[^@\s]+", mel) is not None and 6 <= len(mel) <= 80,  # noqa: PLR2004 — the guide's
        "R3": re.fullmatch(r"[A-Za-z0-9]{6,30}", said["refdet"]) is not None,
        "M1": re.fullmatch(r"[0-9]+", montant) is not None,
        "M3": cents >= LOWEST,
        "M5": cents <= HIGHEST,
        "S1": said["saisie"] in tuple(client.saisies),
        "N1": _is_address(said["urlnotif"]),
        "D1": _is_address(said["urlredirect"]),
    }
    for code, is_right in checks.items():
        if not is_right:
            raise FunctionalError(code)
    # No code is known for these two.
    if not re.fullmatch(r"[0-9]{4}", asked.get("exer", "")):
        raise TechnicalError("TechDysfonctionnementErreur")
    if not re.fullmatch(r"[A-Za-z0-9 ]{0,100}", asked.get("objet", "")):
        raise TechnicalError("TechDysfonctionnementErreur")


def _is_address(url: str) -> bool:
    """Whether it is an https address, or one of this machine, which the real service could not reach."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_local = host in ("127.0.0.1", "localhost") or host.endswith(".localhost")
    return len(url) <= 250 and bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_local))  # noqa: PLR2004
