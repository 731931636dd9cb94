"""Reading what the Trésor answers: PES_ACQUIT (a docket is taken in or not), PES_Retour Recette (what became of it)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from lxml import etree

from marelle.connectors.pes.schemas import NAMESPACE, Schema, UnfitFileError, check, parse
from marelle.domain.billing.rules.returns import (
    Acknowledged,
    Answer,
    AnswerKind,
    BeforeTitle,
    DocketName,
    LineSaid,
    Received,
)
from marelle.foundation.french_dates import in_digits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACKNOWLEDGEMENT: Final = f"{{{NAMESPACE}/retour/v2}}PES_ACQUIT"
RETURN: Final = f"{{{NAMESPACE}/retour}}PES_Retour"
ROLL, ROLL_DOMAIN = "06", "7"
# Dockets of the Trésor's own, that ask for titles: « P503 », « bordereau de régularisation ».
ASKS_FOR_TITLES: Final = {"04", "05"}
# Receipts, rolls, and what is refused before anybody reads what it is.
DOMAINS: Final = {"0", "6", "7"}


@dataclass(frozen=True, slots=True)
class PesReader:
    """Reads the answers of the Trésor, held to its schemas."""

    schemas: Path | None

    def __call__(self, content: bytes) -> Answer:
        """Will return what a file says; raises SchemasMissingError, UnfitFileError."""
        root = parse(content)
        if root.tag == ACKNOWLEDGEMENT:
            check(root, Schema.ACKNOWLEDGEMENT, folder=self.schemas)
            return _answer(root, AnswerKind.ACKNOWLEDGEMENT)
        if root.tag == RETURN:
            check(root, Schema.RETURN, folder=self.schemas)
            return _answer(root, AnswerKind.RETURN)
        raise UnfitFileError(("neither PES_ACQUIT nor PES_Retour",))


def _answer(root: etree._Element, kind: AnswerKind) -> Answer:
    header = root.find("EnTetePES")
    return Answer(
        kind=kind,
        siret=_value(header, "IdColl"),
        town_code=_value(header, "CodCol") or _value(header, "CodColl"),
        budget_code=_value(header, "CodBud"),
        date=date.fromisoformat(_value(header, "DteStr")),
        acknowledged=tuple(_acknowledged(root)) if kind is AnswerKind.ACKNOWLEDGEMENT else (),
        lines=tuple(_lines(root)) if kind is AnswerKind.RETURN else (),
        before_titles=tuple(_before_titles(root)) if kind is AnswerKind.RETURN else (),
    )


def _acknowledged(root: etree._Element) -> Iterator[Acknowledged]:
    for element in root.iterfind("ACQUIT/ElementACQUIT"):
        domain = _value(element, "DomaineAck")
        if domain not in DOMAINS:
            continue
        yield Acknowledged(
            # The domain of receipts is also said of rolls: it tells nothing.
            docket=DocketName(
                _number(element, "ExerciceBord"), _number(element, "NumBord"), True if domain == ROLL_DOMAIN else None
            ),
            is_accepted=_value(element, "EtatAck") in {"1", "true"},
            faults=tuple(
                (_value(fault, "NumAnoAck"), _value(fault, "LibelleAnoAck")) for fault in element.iter("Erreur")
            ),
        )


def _lines(root: etree._Element) -> Iterator[LineSaid]:
    for docket in root.iterfind("PES_RecetteRetour/Bordereau"):
        block = docket.find("BlocBordereau")
        if block is None or _value(block, "TypBord") in ASKS_FOR_TITLES:
            continue
        name = DocketName(_number(block, "Exer"), _number(block, "IdBord"), _value(block, "TypBord") == ROLL)
        for piece in docket.iterfind("Piece"):
            head = piece.find("BlocPiece")
            for line in piece.iterfind("LigneDePiece"):
                info = line.find("BlocLignePiece/InfoLignePiece")
                taken, told = (
                    _value(head, "DtePcePec"),
                    _value(line.find("BlocLignePiece"), "InfoRecouvrement/MtRecoTot"),
                )
                words = (
                    _value(head, "Commentaire"),
                    _value(info, "Commentaire"),
                    _suspended(line.find("BlocLignePiece/InfoSuspPour")),
                )
                yield LineSaid(
                    docket=name,
                    piece=_number(head, "IdPce"),
                    line=_number(info, "IdLigne"),
                    piece_state=_value(head, "EtatPce"),
                    line_state=_value(info, "EtatLigPce"),
                    said=" ".join(dict.fromkeys((*_reasons(head), *_reasons(info), *(one for one in words if one)))),
                    taken_on=date.fromisoformat(taken) if taken else None,
                    told=_cents(told) if told else None,
                    received=tuple(
                        Received(
                            _value(one, "OrgEma"),
                            date.fromisoformat(_value(one, "DteReco")),
                            _cents(_value(one, "MtReco")),
                        )
                        for one in line.iterfind("EncaissementEmargement")
                    ),
                )


def _before_titles(root: etree._Element) -> Iterator[BeforeTitle]:
    for docket in root.iterfind("PES_RecetteRetour/Bordereau"):
        block = docket.find("BlocBordereau")
        if block is None or _value(block, "TypBord") not in ASKS_FOR_TITLES:
            continue
        for piece in docket.iterfind("Piece"):
            head = piece.find("BlocPiece")
            for line in piece.iterfind("LigneDePiece"):
                info = line.find("BlocLignePiece/InfoLignePiece")
                came = _value(line.find("EncaissementEmargement"), "DteReco") or _value(head, "DtePcePec")
                people = line.find("Tiers/InfoTiers")
                said = (_value(head, "Obj"), _value(people, "Nom"), _value(people, "Prenom"))
                yield BeforeTitle(
                    exercice=_number(block, "Exer"),
                    number=_number(head, "IdPce"),
                    line=_number(info, "IdLigne"),
                    cents=_cents(_value(info, "MtHT")),
                    date=date.fromisoformat(came) if came else None,
                    words=" ".join(dict.fromkeys(one for one in said if one)),
                    account=_value(info, "CpteTiers"),
                )


def _suspended(element: etree._Element | None) -> str:
    """Will say that nobody is pursued for now, since when and why; or since when again."""
    code = _value(element, "CodeSuspPour")
    if not code:
        return ""
    since, again = _value(element, "DteSuspPour"), _value(element, "DteRepPour")
    if again:
        return f"Poursuites reprises le {in_digits(date.fromisoformat(again))}."
    why = SUSPENDED.get(code, f"motif {code}")
    return f"Poursuites suspendues depuis le {in_digits(date.fromisoformat(since))} : {why}."


def _reasons(element: etree._Element | None) -> list[str]:
    """Will return the reasons, in words; several codes are joined by dashes."""
    codes = re.findall(r"[0-9]{2}", _value(element, "ObsEtat"))
    return [REASONS.get(code, f"Motif {code}.") for code in codes]


def _value(element: etree._Element | None, path: str) -> str:
    found = element.find(path) if element is not None else None
    return (found.get("V") or "").strip() if found is not None else ""


def _number(element: etree._Element | None, path: str) -> int:
    text = _value(element, path)
    return int(float(text)) if text else 0


def _cents(text: str) -> int:
    euros, _point, rest = text.partition(".")
    return int(euros or 0) * 100 + int(f"{rest}00"[:2])


# TCodeSuspPour: why the Trésor pursues nobody for now.
SUSPENDED: Final = {
    "01": "délais accordés",
    "02": "réclamation transmise à la collectivité",
    "03": "à la demande de la collectivité",
    "04": "opposition à poursuites",
    "05": "redressement judiciaire, avec un plan",
    "06": "redressement judiciaire, sans plan",
    "07": "liquidation de biens",
    "08": "liquidation judiciaire",
    "09": "commission de surendettement",
    "10": "courrier revenu, adresse inconnue",
    "11": "annulation attendue",
    "12": "admission en non-valeur demandée",
    "13": "débiteur décédé",
    "14": "poursuites non autorisées",
    "15": "créance trop petite",
    "16": "procès-verbal de carence",
    "17": "personne disparue",
    "18": "admission en non-valeur",
}
# TObsEtat: why a title or a line is refused or waits.
REASONS: Final = {
    "01": "Absence de caractère exécutoire.",
    "02": "La créance n’est pas indiquée.",
    "03": "Le débiteur n’est pas indiqué.",
    "04": "Imputation budgétaire erronée.",
    "05": "Créance prescrite.",
    "06": "Autre motif.",
    "07": "La pièce d’origine n’est pas indiquée.",
    "08": "Type de bordereau inexistant.",
    "09": "L’exercice du bordereau n’est pas ouvert.",
    "10": "Bordereau sans date d’émission.",
    "11": "Montant du bordereau incohérent.",
    "12": "Bordereau non signé.",
    "14": "Le donneur d’ordre n’est pas compétent.",
    "15": "Pièces justificatives insuffisantes.",
    "16": "Pièces justificatives absentes ou non valables.",
    "18": "Numéro de bordereau déjà reçu.",
    "19": "Complément d’information nécessaire.",
    "21": "Titre incomplet.",
    "22": "L’exercice du rôle est clôturé.",
    "23": "Numéro de rôle déjà reçu.",
    "28": "Numéro d’article déjà reçu.",
    "29": "Date de l’avis des sommes à payer incorrecte.",
    "30": "Code produit inconnu.",
}
