"""The gate of Hélios: what it refuses, what it keeps of a docket, and the files that it answers.

Written from the schemas of the protocol and their comments. What they leave to annexes that are not public (the grid of
triplets, the control keys) is as our own reference says, and proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Final

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

REV0: Final = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0"
TRIPLETS: Final = {("01", "01", "01"), ("01", "01", "05"), ("02", "02", "06"), ("06", "15", "01"), ("01", "05", "01")}
CIVILITIES: Final = {"M", "MR", "MME", "MM"}
ENCODING: Final = "ISO-8859-1"


@dataclass
class Line:
    """A line of a title as Hélios keeps it: `paid` are (origin, day, cents), `suspended` (code, since, until)."""

    number: int
    product: str
    cents: int
    paid: list[tuple[str, date, int]] = field(default_factory=list)
    suspended: tuple[str, date, date | None] | None = None

    @property
    def received(self) -> int:
        """Return what came for it."""
        return sum(cents for _origin, _day, cents in self.paid)


@dataclass
class Piece:
    """A title as Hélios keeps it."""

    number: int
    kind: str
    nature: str
    lines: dict[int, Line]
    state: str = "02"
    reason: str = ""
    taken_on: date | None = None


@dataclass
class Docket:
    """A docket that was taken in."""

    exercice: int
    number: int
    kind: str
    pieces: dict[int, Piece]


class Helios:
    """One accounting office, for one budget. It forgets nothing; its answers are files, as it sends them."""

    def __init__(self, schemas: Path, *, siret: str, codique: str, town_code: str, budget_code: str) -> None:
        """Will know one town; `schemas` is the folder that holds PES_V2."""
        self.schemas = {
            name: etree.XMLSchema(etree.parse(str(schemas / path)))
            for name, path in (
                ("aller", "PES_V2/Rev0/PES_Aller.xsd"),
                ("ack", "PES_V2/Rev0/PES_V2_Acquit_Autonome_V2.xsd"),
                ("return", "PES_V2/RETOUR/Rev0/PES_Retour.xsd"),
            )
        }
        self.siret, self.codique, self.town_code, self.budget_code = siret, codique, town_code, budget_code
        self.dockets: dict[tuple[int, str, int], Docket] = {}
        self.before_titles: list[tuple[int, int, int, str, date]] = []
        self.files: set[str] = set()
        self._answers = count(1)

    def take(self, content: bytes, *, on: date) -> bytes:
        """Will take a PES_Aller in, or refuse it, and return its PES_ACQUIT."""
        try:
            root = etree.fromstring(content)
        except etree.XMLSyntaxError:
            return self._acknowledged([("0", False, None, ["ERREUR_FLUX_VIDE"])], on=on)
        if not self.schemas["aller"].validate(root):
            return self._acknowledged([("0", False, None, ["ERREUR_SCHEMA_INCOMPLET"])], on=on)
        fault = self._envelope_fault(root)
        if fault:
            return self._acknowledged([("0", False, None, [fault])], on=on)
        said = []
        for docket in root.iterfind("PES_RecetteAller/Bordereau"):
            name = (_number(docket, "BlocBordereau/Exer"), _v(docket, "BlocBordereau/TypBord"))
            number = _number(docket, "BlocBordereau/IdBord")
            faults = self._faults(docket, name, number)
            if not faults:
                self._keep(docket, name, number, on=on)
            domain = "7" if name[1] == "06" else "6"
            said.append((domain, not faults, (name[0], number), faults))
        self.files.add(_v(root, "Enveloppe/Parametres/NomFic"))
        return self._acknowledged(said, on=on)

    def receive(
        self, docket: tuple[int, str, int], piece: int, line: int, cents: int, *, on: date, origin: str = "10"
    ) -> None:
        """Will have somebody pay a line (origin 10: on the internet), or write it off (06)."""
        self.dockets[docket].pieces[piece].lines[line].paid.append((origin, on, cents))

    def cancel(self, docket: tuple[int, str, int], piece: int, line: int, cents: int) -> None:
        """Will cancel a payment of so much: a bounced cheque, a mistake. It is told of no more."""
        paid = self.dockets[docket].pieces[piece].lines[line].paid
        paid.remove(next(one for one in paid if one[2] == cents))

    def suspend(
        self, docket: tuple[int, str, int], piece: int, line: int, code: str, *, on: date, until: date | None = None
    ) -> None:
        """Will pursue nobody for a line, from a day on, until it is taken up again."""
        self.dockets[docket].pieces[piece].lines[line].suspended = (code, on, until)

    def receive_before_title(self, exercice: int, cents: int, words: str, *, on: date) -> int:
        """Will receive money for which no title was made, and ask for one (P503); returns the number of its own."""
        number = 9_000_000 + len(self.before_titles)
        self.before_titles.append((exercice, number, cents, words, on))
        return number

    def reject(self, docket: tuple[int, str, int], piece: int, reason: str = "02") -> None:
        """Will reject a title at its visa."""
        found = self.dockets[docket].pieces[piece]
        found.state, found.reason, found.taken_on = "04", reason, None

    def returned(self, *, on: date) -> bytes:
        """Will return a PES_Retour of all that is known of every docket: each payment is said again in each of them."""
        root = self._root("PES_Retour", f"{REV0}/retour", "PES_RecetteRetour", "CodColl", on=on)
        receipts = etree.SubElement(root, "PES_RecetteRetour")
        _put(etree.SubElement(receipts, "EnTeteRecette"), TypRestit="02", IdVer="2", NatInf="2")
        for docket in self.dockets.values():
            into = etree.SubElement(receipts, "Bordereau")
            _put(
                etree.SubElement(into, "BlocBordereau"),
                Exer=str(docket.exercice),
                IdBord=str(docket.number),
                TypBord=docket.kind,
            )
            for piece in docket.pieces.values():
                self._piece(etree.SubElement(into, "Piece"), piece)
        for exercice, number, cents, words, day in self.before_titles:
            into = etree.SubElement(receipts, "Bordereau")
            _put(etree.SubElement(into, "BlocBordereau"), Exer=str(exercice), IdBord=str(number), TypBord="05")
            self._before_title(etree.SubElement(into, "Piece"), number, cents, words, day)
        return self._proved(root, "return")

    @staticmethod
    def _before_title(into: etree._Element, number: int, cents: int, words: str, day: date) -> None:
        _put(etree.SubElement(into, "BlocPiece"), IdPce=str(number), TypPce="13", NatPce="01", Obj=words, EtatPce="02")
        row = etree.SubElement(into, "LigneDePiece")
        block = etree.SubElement(row, "BlocLignePiece")
        _put(
            etree.SubElement(block, "InfoLignePiece"),
            IdLigne="1",
            EtatLigPce="04",
            CpteTiers="4718",
            MtHT=_amount(cents),
        )
        _put(
            etree.SubElement(row, "EncaissementEmargement"), OrgEma="01", DteReco=day.isoformat(), MtReco=_amount(cents)
        )

    def _piece(self, into: etree._Element, piece: Piece) -> None:
        _put(
            etree.SubElement(into, "BlocPiece"),
            IdPce=str(piece.number),
            TypPce=piece.kind,
            NatPce=piece.nature,
            DtePcePec=piece.taken_on.isoformat() if piece.taken_on else "",
            EtatPce=piece.state,
            ObsEtat=piece.reason,
        )
        for line in piece.lines.values():
            row = etree.SubElement(into, "LigneDePiece")
            block = etree.SubElement(row, "BlocLignePiece")
            _put(
                etree.SubElement(block, "InfoLignePiece"),
                IdLigne=str(line.number),
                CodProdLoc=line.product,
                EtatLigPce=self._line_state(piece, line),
                MtHT=_amount(line.cents),
            )
            if line.paid:
                _put(
                    etree.SubElement(block, "InfoRecouvrement"),
                    NbrReco=str(len(line.paid)),
                    MtRecoTot=_amount(line.received),
                )
            if line.suspended:
                code, since, until = line.suspended
                _put(
                    etree.SubElement(block, "InfoSuspPour"),
                    CodeSuspPour=code,
                    DteSuspPour=since.isoformat(),
                    DteRepPour=until.isoformat() if until else "",
                )
            for origin, day, cents in line.paid:
                _put(
                    etree.SubElement(row, "EncaissementEmargement"),
                    OrgEma=origin,
                    DteReco=day.isoformat(),
                    MtReco=_amount(cents),
                )

    @staticmethod
    def _line_state(piece: Piece, line: Line) -> str:
        if piece.state == "04":
            return "01"
        if line.received < line.cents:
            return "04"
        return "06" if any(origin == "06" for origin, _day, _cents in line.paid) else "05"

    def _envelope_fault(self, root: etree._Element) -> str:
        if _v(root, "Enveloppe/Parametres/NomFic") in self.files:
            return "ERREUR_PES_PARAM"
        if _v(root, "EnTetePES/IdPost") != self.codique:
            return "ERREUR_CODIQUE"
        if _v(root, "EnTetePES/IdColl") != self.siret:
            return "ERREUR_SIRET"
        if (_v(root, "EnTetePES/CodCol"), _v(root, "EnTetePES/CodBud")) != (self.town_code, self.budget_code):
            return "ERREUR_CODE_COLLECTIVITE_BUDGET"
        return ""

    def _faults(self, docket: etree._Element, name: tuple[int, str], number: int) -> list[str]:
        pieces = docket.findall("Piece")
        known = {key[2] for key in self.dockets if key[:2] == name}
        numbers = [_number(piece, "BlocPiece/IdPce") for piece in pieces]
        used = {one for key, row in self.dockets.items() if key[:2] == name and name[1] != "06" for one in row.pieces}
        checks = (
            (number in known, "ERREUR_DOUBLON_BORDEREAU"),
            # « Un contrôle de séquentialité du numéro est effectué. »
            (bool(known) and number != max(known) + 1 and number not in known, "ERREUR_AUTRE"),
            (len(numbers) != len(set(numbers)) or bool(used & set(numbers)), "ERREUR_DOUBLON_PIECE"),
            (_number(docket, "BlocBordereau/NbrPce") != len(pieces), "ERREUR_TAILLE_BORDEREAUX"),
            (
                _cents(_v(docket, "BlocBordereau/MtBordHt"))
                != sum(_cents(one.get("V") or "0") for one in docket.iter("MtHT")),
                "ERREUR_CUMUL_MONTANTS",
            ),
            (any(self._piece_is_odd(piece, name[1]) for piece in pieces), "ERREUR_CODIFICATION"),
        )
        return [code for is_wrong, code in checks if is_wrong]

    @staticmethod
    def _piece_is_odd(piece: etree._Element, docket_kind: str) -> bool:
        triplet = (docket_kind, _v(piece, "BlocPiece/TypPce"), _v(piece, "BlocPiece/NatPce"))
        people = piece.findall("LigneDePiece/Tiers/InfoTiers")
        return triplet not in TRIPLETS or any(
            _v(one, "CatTiers") == "01" and (_v(one, "Civilite") not in CIVILITIES or not _v(one, "Prenom"))
            for one in people
        )

    def _keep(self, docket: etree._Element, name: tuple[int, str], number: int, *, on: date) -> None:
        pieces = {}
        for piece in docket.iterfind("Piece"):
            lines = {
                _number(line, "BlocLignePiece/InfoLignePiece/IdLigne"): Line(
                    _number(line, "BlocLignePiece/InfoLignePiece/IdLigne"),
                    _v(line, "BlocLignePiece/InfoLignePiece/CodProdLoc"),
                    _cents(_v(line, "BlocLignePiece/InfoLignePiece/MtHT")),
                )
                for line in piece.iterfind("LigneDePiece")
            }
            key = _number(piece, "BlocPiece/IdPce")
            kind, nature = _v(piece, "BlocPiece/TypPce"), _v(piece, "BlocPiece/NatPce")
            pieces[key] = Piece(key, kind, nature, lines, taken_on=on)
        self.dockets[(*name, number)] = Docket(name[0], number, name[1], pieces)

    def _acknowledged(self, said: Sequence[tuple[str, bool, tuple[int, int] | None, list[str]]], *, on: date) -> bytes:
        root = self._root("PES_ACQUIT", f"{REV0}/retour/v2", "PESACK2", "CodCol", on=on)
        into = etree.SubElement(root, "ACQUIT")
        _put(etree.SubElement(into, "EnTeteAcquit"), IdVer="2")
        words: dict[str, str] = defaultdict(lambda: "Anomalie relevée par le guichet")
        words["ERREUR_DOUBLON_BORDEREAU"] = "Bordereau déjà reçu"
        for domain, is_accepted, docket, faults in said:
            element = etree.SubElement(into, "ElementACQUIT")
            _put(element, DomaineAck=domain, EtatAck="1" if is_accepted else "0")
            if docket is not None:
                _put(element, NumBord=str(docket[1]), ExerciceBord=str(docket[0]))
            for fault in faults:
                _put(etree.SubElement(element, "Erreur"), NumAnoAck=fault, LibelleAnoAck=words[fault])
        return self._proved(root, "ack")

    def _root(self, tag: str, namespace: str, what: str, town: str, *, on: date) -> etree._Element:
        root = etree.Element(f"{{{namespace}}}{tag}", nsmap={"n": namespace})
        envelope = etree.SubElement(root, "Enveloppe")
        _put(
            etree.SubElement(envelope, "Parametres"),
            Version="2",
            TypFic=what,
            NomFic=f"{what}_{on:%Y%m%d}_{next(self._answers):03d}",
        )
        _put(etree.SubElement(envelope, "Emetteur"), Sigle="HELIOS", Adresse="DOUBLURE")
        header = {"DteStr": on.isoformat(), "IdPost": self.codique, "IdColl": self.siret}
        _put(etree.SubElement(root, "EnTetePES"), **header, **{town: self.town_code}, CodBud=self.budget_code)
        return root

    def _proved(self, root: etree._Element, schema: str) -> bytes:
        content: bytes = etree.tostring(root, xml_declaration=True, encoding=ENCODING)
        self.schemas[schema].assertValid(etree.fromstring(content))
        return content


def _v(element: etree._Element, path: str) -> str:
    found = element.find(path)
    return found.get("V", "") if found is not None else ""


def _number(element: etree._Element, path: str) -> int:
    return int(_v(element, path) or 0)


def _put(into: etree._Element, **values: str) -> None:
    for name, value in values.items():
        if value:
            etree.SubElement(into, name, V=value)


def _cents(text: str) -> int:
    return int(Decimal(text) * 100)


def _amount(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"
