"""Writing a docket as PES_Aller Recette. Values are attributes, in capitals without accents, in ISO-8859-1.

Two kinds: titles for what a régie was not paid (TypBord 01, TypPce 01, NatPce 05), and a roll (06, 15, 01), whose lines
are all of nature 588. No title carries its notice (avis des sommes à payer): the accounting tool of the town, or the
Trésor, makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from marelle.connectors.pes.schemas import NAMESPACE, Schema, check, parse
from marelle.domain.billing.rules.dockets import FOREIGN, NO_PERIOD, Docket, DocketKind, control_keys, plain

if TYPE_CHECKING:
    from pathlib import Path

    from marelle.domain.billing.rules.dockets import Person, Title, TitleLine

ENCODING: Final = "ISO-8859-1"
ROLL_NATURE: Final = "588"
EDITOR, VERSION = "MARELLE", "1"
TRIPLETS: Final = {DocketKind.TITLES: ("01", "01", "05"), DocketKind.ROLLS: ("06", "15", "01")}


@dataclass(frozen=True, slots=True)
class PesWriter:
    """Writes dockets, and hands over none that the schemas of its folder do not allow (`WritesDockets`)."""

    schemas: Path | None

    def __call__(self, docket: Docket) -> bytes:
        """Will return the file; raises SchemasMissingError or UnfitFileError rather than a file that was not proved."""
        content: bytes = etree.tostring(_file(docket), xml_declaration=True, encoding=ENCODING)
        check(parse(content), Schema.ALLER, folder=self.schemas)
        return content


def _file(docket: Docket) -> etree._Element:
    root = etree.Element(f"{{{NAMESPACE}/aller}}PES_Aller", nsmap={"n": f"{NAMESPACE}/aller"})
    envelope = etree.SubElement(root, "Enveloppe")
    what = "PESORMC" if docket.kind is DocketKind.ROLLS else "PESALR1"
    _values(etree.SubElement(envelope, "Parametres"), Version="2", TypFic=what, NomFic=docket.file_name)
    _values(etree.SubElement(envelope, "Emetteur"), Sigle=EDITOR, Adresse=VERSION)
    budget = docket.budget
    _values(
        etree.SubElement(root, "EnTetePES"),
        DteStr=docket.emitted_on.isoformat(),
        IdPost=budget.codique,
        IdColl=budget.siret,
        CodCol=budget.town_code,
        CodBud=budget.budget_code,
        LibelleColBud=plain(budget.name),
    )
    receipts = etree.SubElement(root, "PES_RecetteAller")
    _values(etree.SubElement(receipts, "EnTeteRecette"), IdVer="2", InfoDematerialisee="0")
    _docket(etree.SubElement(receipts, "Bordereau"), docket)
    return root


def _docket(into: etree._Element, docket: Docket) -> None:
    is_roll = docket.kind is DocketKind.ROLLS
    _values(
        etree.SubElement(into, "BlocBordereau"),
        Exer=str(docket.exercice),
        IdBord=str(docket.number),
        DteBordEm=docket.emitted_on.isoformat(),
        TypBord=TRIPLETS[docket.kind][0],
        NbrPce=str(len(docket.titles)),
        MtBordHt=_amount(docket.cents),
        # Both are read on rolls alone.
        DteAsp=docket.emitted_on.isoformat() if is_roll else "",
        Objet=plain(docket.label) if is_roll else "",
    )
    for title in docket.titles:
        piece = etree.SubElement(into, "Piece")
        _title(etree.SubElement(piece, "BlocPiece"), title, docket)
        for line in title.lines:
            _line(etree.SubElement(piece, "LigneDePiece"), line, title.debtor, docket)


def _title(into: etree._Element, title: Title, docket: Docket) -> None:
    budget, debt = docket.budget, docket.debt_of(title)
    _docket_kind, title_kind, nature = TRIPLETS[docket.kind]
    roll: dict[str, str] = {}
    if docket.kind is DocketKind.ROLLS:
        roll = {"NumDette": debt.lstrip("0"), "Per": NO_PERIOD}
        if budget.has_keys:
            first, second = control_keys(budget.town_code, nature, docket.exercice, debt)
            roll |= {"Cle1": first, "Cle2": second}
    _values(into, IdPce=str(title.number), TypPce=title_kind, NatPce=nature, ObjPce=plain(title.label), **roll)


def _line(into: etree._Element, line: TitleLine, debtor: Person, docket: Docket) -> None:
    is_roll = docket.kind is DocketKind.ROLLS
    block = etree.SubElement(into, "BlocLignePiece")
    _values(
        etree.SubElement(block, "InfoLignePiece"),
        IdLigne=str(line.number),
        ObjLignePce=plain(line.label),
        CodProdLoc=docket.budget.product_code,
        Nature=ROLL_NATURE if is_roll else docket.budget.nature,
        Fonction="" if is_roll else docket.budget.function,
        Majo="0",
        TvaIntraCom="0",
        MtHT=_amount(line.cents),
    )
    if not is_roll and docket.budget.regie_code:
        _values(etree.SubElement(block, "LiensIdent"), IdRegie=docket.budget.regie_code)
    third_party = etree.SubElement(into, "Tiers")
    _values(
        etree.SubElement(third_party, "InfoTiers"),
        RefTiers=plain(debtor.reference)[:30],
        CatTiers="01",
        NatJur="01",
        TypTiers="01",
        Civilite=debtor.civility,
        Nom=plain(debtor.last_name),
        Prenom=plain(debtor.first_name),
    )
    _values(
        etree.SubElement(third_party, "Adresse"),
        TypAdr="1",
        Adr1=plain(debtor.address_extra),
        Adr2=plain(debtor.address),
        Adr3=plain(debtor.place),
        CP=debtor.postcode,
        Ville=plain(debtor.town),
        CodRes="0",
    )


def _values(into: etree._Element, **values: str) -> None:
    """Will write each value that there is, in the order given, which is the schema's."""
    for name, value in values.items():
        if value:
            etree.SubElement(into, name, V=value)


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


__all__ = ["FOREIGN", "PesWriter"]
