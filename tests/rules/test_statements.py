"""Statements as banks and gateways export them: read alike, whatever the separator, the encoding and the columns."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.payments.rules.matching import UNKNOWN, Begun, Given, Known, Match, match
from marelle.domain.payments.rules.statements import (
    Fault,
    Said,
    UnreadableStatementError,
    amount_from,
    date_from,
    names_in,
    read_statement,
    spanned,
)

DFT = """Compte;DFT 10071 77000 00001000000 12
Solde au 30/11/2026;1 234,56

Date opération;Date valeur;Libellé;Référence;Débit;Crédit
24/11/2026;24/11/2026;VIR SEPA FAMILLE CLAIRONI FACT 2026-CA-00-154;;;38,50
25/11/2026;25/11/2026;VERSEMENT COMPTABLE;;1 000,00;

25/11/2026;25/11/2026;REMISE CB;;;"12,00"
25/11/2026;25/11/2026;REMISE CB;;;"12,00"
;;Total;;1 000,00;62,50
"""
PAYFIP = (
    "Numéro client,Exercice,RefDet,Montant (EUR),Date de paiement,Résultat,NumAuto\n"
    "123456,2026,2026CANTINE0001,38.50,24/11/2026 10:14,Payé,A1B2C3D4E5F60718\n"
    "123456,2026,2026CANTINE0002,12.00,24/11/2026 10:20,Refusé,\n"
)


def said(**what):
    values = {"number": 1, "date": date(2026, 11, 24), "label": "", "reference": "", "cents": 3850, "fingerprint": "f"}
    return Said(**{**values, **what})


def test_a_bank_statement_is_read_under_its_heading_with_credits_and_debits():
    found = read_statement(DFT.encode("cp1252"))

    assert [(line.date.day, line.cents) for line in found.lines] == [(24, 3850), (25, -100000), (25, 1200), (25, 1200)]
    assert found.lines[0].label == "VIR SEPA FAMILLE CLAIRONI FACT 2026-CA-00-154"
    assert found.left_out == 1
    assert (found.layout.separator, found.layout.encoding) == (";", "cp1252")
    assert spanned(found.lines) == (date(2026, 11, 24), date(2026, 11, 25))


def test_a_list_of_operations_is_read_without_those_that_were_not_paid():
    found = read_statement(b"\xef\xbb\xbf" + PAYFIP.encode())

    assert [(line.reference, line.cents) for line in found.lines] == [("2026CANTINE0001", 3850)]
    assert found.left_out == 1


def test_two_lines_alike_are_two_operations_and_the_same_file_says_the_same_lines():
    once, again = read_statement(DFT.encode()), read_statement(DFT.encode("cp1252"))
    prints = [line.fingerprint for line in once.lines]

    assert len(set(prints)) == 4
    assert prints == [line.fingerprint for line in again.lines]


def test_columns_of_other_names_are_read_once_they_are_said():
    content = b"Le,Quoi,Combien\n24/11/2026,Virement,38.50\n"

    with pytest.raises(UnreadableStatementError) as caught:
        read_statement(content)
    assert (caught.value.fault, caught.value.names) == (Fault.NO_COLUMNS, ("Le", "Quoi", "Combien"))

    found = read_statement(content, {"date": "le", "label": "Quoi", "amount": "Combien"})
    assert [(line.label, line.cents) for line in found.lines] == [("Virement", 3850)]
    assert found.layout.columns == {"date": "Le", "label": "Quoi", "amount": "Combien"}


def test_columns_remembered_are_found_again_wherever_they_are():
    first = read_statement(DFT.encode())
    moved = "Crédit;Libellé;Date opération\n38,50;VIR;24/11/2026\n"

    assert read_statement(moved.encode(), first.layout.columns).lines[0].cents == 3850


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", Fault.EMPTY),
        (b" \n ", Fault.EMPTY),
        (b"PK\x03\x04\x00\x00", Fault.NOT_TEXT),
        (b"x" * 5_000_001, Fault.TOO_LARGE),
        (b"bonjour", Fault.NO_COLUMNS),
        (b"Date;Montant\nhier;12,50\n", Fault.NO_LINE),
        (b"Date;Montant\n" + b"24/11/2026;1,00\n" * 50_001, Fault.TOO_LARGE),
        (b'Date;Montant\n"' + b"x" * 200_000, Fault.NOT_TEXT),
    ],
)
def test_what_is_no_statement_is_refused_with_words(content, fault):
    with pytest.raises(UnreadableStatementError) as caught:
        read_statement(content)
    assert caught.value.fault is fault


@given(st.binary(max_size=400))
def test_whatever_the_file_it_is_read_or_refused(content):
    try:
        found = read_statement(b"Date;Montant\n24/11/2026;12,50\n" + content)
    except UnreadableStatementError:
        return
    assert found.lines


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("38,50", 3850),
        ("38.5", 3850),
        ("+12", 1200),
        ("-12,50", -1250),
        ("− 12,50 €", -1250),
        ("1\u202f234,56", 123456),
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("12,50 EUR", 1250),
        ("", None),
        ("12,505", None),
        ("douze", None),
    ],
)
def test_an_amount_is_read_as_it_is_written(text, cents):
    assert amount_from(text) == cents


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("24/11/2026", date(2026, 11, 24)),
        ("2026-11-24", date(2026, 11, 24)),
        ("2026-11-24T10:14:00", date(2026, 11, 24)),
        ("24/11/26", date(2026, 11, 24)),
        ("24112026", date(2026, 11, 24)),
        ("24/11/2026 10:14", date(2026, 11, 24)),
        ("31/02/2026", None),
        ("٢٤/١١/٢٠٢٦", None),
        ("24/11/1926", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_it_is_written(text, day):
    assert date_from(text) == day


def test_what_may_be_a_reference_holds_a_digit():
    assert names_in("VIR CLAIRONI, fact. 2026-CA-00-154 (cantine)") == {"2026-CA-00-154"}


ATTEMPT = Begun(7, "2026CANTINE0001", "112233", 3850, date(2026, 11, 24))
TRANSFER = Given(9, "2026-0042", 3850, 5)
KNOWN = Known(
    begun={"2026cantine0001": [ATTEMPT], "112233": [ATTEMPT]},
    given={"2026-0042": TRANSFER},
    transfers={5: [TRANSFER]},
    invoices={"2026-ca-00-154": 5, "2026-ca-00-155": 6},
)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (said(reference="2026CANTINE0001"), Match(is_sure=True, attempt=7)),
        (said(label="PAIEMENT 2026cantine0001"), Match(is_sure=True, attempt=7)),
        (said(label="OPERATION 112233"), Match(is_sure=True, attempt=7)),
        (said(label="OPERATION 112233", date=date(2026, 12, 24)), UNKNOWN),
        (said(label="OPERATION 112233", cents=100), UNKNOWN),
        (said(reference="2026CANTINE0001", cents=3800), Match(is_sure=False, attempt=7)),
        (said(reference="2026CANTINE0001", cents=-3850), UNKNOWN),
        (said(label="VIR QUITTANCE 2026-0042"), Match(is_sure=True, receipt=9)),
        (said(label="VIR QUITTANCE 2026-0042", cents=100), UNKNOWN),
        (said(label="VIR FACT 2026-CA-00-154"), Match(is_sure=True, receipt=9, invoice=5)),
        (said(label="VIR FACT 2026-CA-00-154", cents=100), Match(is_sure=False, invoice=5)),
        (said(label="VIR FACT 2026-CA-00-155"), Match(is_sure=False, invoice=6)),
        (said(label="REMISE CB"), UNKNOWN),
    ],
)
def test_a_line_is_what_it_names_when_the_amount_agrees(line, found):
    assert match(line, KNOWN, set()) == found


def test_what_another_line_is_already_is_left_to_an_agent():
    taken = {("attempt", 7), ("receipt", 9)}

    assert match(said(reference="2026CANTINE0001"), KNOWN, taken) == Match(is_sure=False, attempt=7)
    assert match(said(label="VIR FACT 2026-CA-00-154"), KNOWN, taken) == Match(is_sure=False, invoice=5)
    assert match(said(label="QUITTANCE 2026-0042"), KNOWN, taken) == UNKNOWN


def test_a_layout_is_kept_as_plain_data():
    layout = read_statement(DFT.encode()).layout

    assert layout.as_data() == {
        "separator": layout.separator,
        "encoding": layout.encoding,
        "columns": dict(layout.columns),
    }
