"""Dockets as the Trésor takes them, and its answers: held to its own schemas, which are not part of the project."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from lxml import etree

from marelle.connectors.pes.reading import PesReader
from marelle.connectors.pes.schemas import SchemasMissingError, UnfitFileError
from marelle.connectors.pes.writing import PesWriter
from marelle.domain.billing.rules.dockets import Budget, Docket, DocketKind, Person, Title, TitleLine
from marelle.domain.billing.rules.returns import AnswerKind, DocketName, Received
from standins.helios.gate import Helios
from tests.pes import SAMPLES, SCHEMAS, with_schemas

BUDGET = Budget("21770001200016", "077015", "100", "00", "Commune de Fictiville", "R001", "CANT", "7067", "281")
LEA = Person("MME", "Müller-Œuvré", "Léa", "12 rue des Lilas", "77515", "Fictiville", "Bât. B", "", "FAM 0001")
DAY = date(2026, 11, 23)


def docket(kind=DocketKind.TITLES, **fields):
    titles = (
        Title(312, "IMPAYE REGIE 10/2026", LEA, (TitleLine(1, "CANTINE", 11520), TitleLine(2, "GARDERIE", 5))),
        Title(313, "IMPAYE REGIE 12/2026", replace(LEA, civility="M"), (TitleLine(1, "CANTINE", 4120),)),
    )
    return replace(Docket(kind, BUDGET, 2026, 57, DAY, "Impayés de régie", titles), **fields)


def helios(**fields):
    names = {"siret": BUDGET.siret, "codique": BUDGET.codique, "town_code": "100", "budget_code": "00", **fields}
    return Helios(SCHEMAS, **names)


def values(content: bytes, path: str) -> list[str]:
    return [one.get("V") for one in etree.fromstring(content).iterfind(path)]


@with_schemas
@pytest.mark.parametrize(
    ("kind", "triplet", "nature", "form"),
    [
        (DocketKind.TITLES, ("01", "01", "05"), "7067", "PESALR1"),
        (DocketKind.ROLLS, ("06", "15", "01"), "588", "PESORMC"),
    ],
)
def test_both_kinds_are_what_the_schemas_allow(kind, triplet, nature, form):
    content = PesWriter(SCHEMAS)(docket(kind))

    assert content.startswith(b"<?xml version='1.0' encoding='ISO-8859-1'?>")
    assert values(content, "Enveloppe/Parametres/TypFic") == [form]
    at = "PES_RecetteAller/Bordereau"
    said = [values(content, f"{at}/{path}")[0] for path in ("BlocBordereau/TypBord", "Piece/BlocPiece/TypPce")]
    assert (*said, values(content, f"{at}/Piece/BlocPiece/NatPce")[0]) == triplet
    assert set(values(content, f"{at}/Piece/LigneDePiece/BlocLignePiece/InfoLignePiece/Nature")) == {nature}
    assert values(content, f"{at}/BlocBordereau/MtBordHt") == ["156.45"]
    assert values(content, f"{at}/BlocBordereau/NbrPce") == ["2"]
    assert values(content, f"{at}/Piece/LigneDePiece/Tiers/InfoTiers/Nom")[0] == "MULLER-OEUVRE"


@with_schemas
@pytest.mark.parametrize("month", ["10", "11", "12"])
def test_the_last_months_of_the_year_are_not_cut_to_one_character(month):
    title = docket().titles[0]
    content = PesWriter(SCHEMAS)(docket(DocketKind.ROLLS, titles=(replace(title, label=f"FACTURES {month}/2026"),)))

    assert values(content, "PES_RecetteAller/Bordereau/Piece/BlocPiece/Per") == ["0"]
    assert values(content, "PES_RecetteAller/Bordereau/Piece/BlocPiece/ObjPce") == [f"FACTURES {month}/2026"]


@with_schemas
def test_the_keys_of_a_roll_may_be_left_out():
    path = "PES_RecetteAller/Bordereau/Piece/BlocPiece/Cle1"

    assert values(PesWriter(SCHEMAS)(docket(DocketKind.ROLLS)), path)
    assert not values(PesWriter(SCHEMAS)(docket(DocketKind.ROLLS, budget=replace(BUDGET, has_keys=False))), path)
    assert not values(PesWriter(SCHEMAS)(docket()), path)


def test_without_schemas_nothing_is_written_nor_read(tmp_path):
    for folder in (None, tmp_path):
        with pytest.raises(SchemasMissingError):
            PesWriter(folder)(docket())
        with pytest.raises(SchemasMissingError):
            PesReader(folder)(b'<n:PES_Retour xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/retour"/>')


@with_schemas
def test_what_the_schemas_do_not_allow_does_not_leave_and_its_fault_quotes_nobody():
    wrong = replace(LEA, last_name="Quenneville" * 4)

    with pytest.raises(UnfitFileError) as refused:
        PesWriter(SCHEMAS)(docket(titles=(replace(docket().titles[0], debtor=wrong),)))
    assert "QUENNEVILLE" not in str(refused.value).upper()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing of the kind",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l>&b;</l>',
    ],
)
def test_what_is_no_answer_is_refused(content):
    with pytest.raises(UnfitFileError):
        PesReader(SCHEMAS)(content)


@with_schemas
def test_the_stand_in_takes_what_we_write_and_its_answers_are_read():
    gate, read = helios(), PesReader(SCHEMAS)
    said = read(gate.take(PesWriter(SCHEMAS)(docket()), on=DAY))

    assert (said.kind, said.siret, said.town_code) == (AnswerKind.ACKNOWLEDGEMENT, BUDGET.siret, "100")
    assert [(one.docket, one.is_accepted) for one in said.acknowledged] == [(DocketName(2026, 57), True)]

    gate.receive((2026, "01", 57), 312, 1, 1000, on=DAY)
    gate.receive((2026, "01", 57), 312, 1, 1000, on=DAY)
    gate.reject((2026, "01", 57), 313)
    told = read(gate.returned(on=DAY))
    first, second, third = told.lines
    assert first.received == (Received("10", DAY, 1000),) * 2
    assert (first.piece_state, first.line_state, first.told, first.taken_on) == ("02", "04", 2000, DAY)
    assert (second.received, second.told) == ((), None)
    assert (third.piece_state, third.line_state) == ("04", "01")
    assert third.said == "La créance n’est pas indiquée."
    assert first.docket == DocketName(2026, 57, is_roll=False)


@with_schemas
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"budget": replace(BUDGET, siret="21770001200024")}, "ERREUR_SIRET"),
        ({"budget": replace(BUDGET, codique="077016")}, "ERREUR_CODIQUE"),
        ({"budget": replace(BUDGET, budget_code="01")}, "ERREUR_CODE_COLLECTIVITE_BUDGET"),
        ({"number": 59}, "ERREUR_AUTRE"),
        ({"number": 57, "attempt": 3}, "ERREUR_DOUBLON_BORDEREAU"),
        ({"number": 58}, "ERREUR_DOUBLON_PIECE"),
    ],
)
def test_the_stand_in_refuses_what_the_tresor_would(change, code):
    gate = helios()
    gate.take(PesWriter(SCHEMAS)(docket()), on=DAY)

    said = PesReader(SCHEMAS)(gate.take(PesWriter(SCHEMAS)(docket(**{"attempt": 2, **change})), on=DAY))
    assert code in [fault for one in said.acknowledged for fault, _words in one.faults]
    assert not any(one.is_accepted for one in said.acknowledged)
    assert len(gate.dockets) == 1


@with_schemas
@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("PES_RecetteAller/Bordereau/BlocBordereau/MtBordHt", "156.46", "ERREUR_CUMUL_MONTANTS"),
        ("PES_RecetteAller/Bordereau/BlocBordereau/NbrPce", "3", "ERREUR_TAILLE_BORDEREAUX"),
        ("PES_RecetteAller/Bordereau/Piece/LigneDePiece/Tiers/InfoTiers/Civilite", "MLLE", "ERREUR_CODIFICATION"),
        ("PES_RecetteAller/Bordereau/Piece/BlocPiece/NatPce", "07", "ERREUR_CODIFICATION"),
        ("PES_RecetteAller/Bordereau/BlocBordereau/Exer", "XX", "ERREUR_SCHEMA_INCOMPLET"),
    ],
)
def test_the_stand_in_checks_sums_and_people(path, value, code):
    root = etree.fromstring(PesWriter(SCHEMAS)(docket()))
    root.find(path).set("V", value)

    said = PesReader(SCHEMAS)(helios().take(etree.tostring(root), on=DAY))
    assert [fault for one in said.acknowledged for fault, _words in one.faults] == [code]


@with_schemas
def test_the_samples_of_the_reference_are_read():
    if not SAMPLES.is_dir():
        pytest.skip(f"NOT PROVEN HERE: no samples at {SAMPLES}")
    acknowledged = PesReader(SCHEMAS)((SAMPLES / "own_pes_acquit.xml").read_bytes())
    returned = PesReader(SCHEMAS)((SAMPLES / "own_pes_retour_recette.xml").read_bytes())

    assert acknowledged.acknowledged[0].docket == DocketName(2026, 11)
    (line,) = returned.lines
    assert (line.docket, line.piece, line.line) == (DocketName(2026, 11, is_roll=True), 2, 1)
    assert line.received == (Received("10", date(2026, 11, 14), 4120),)
