"""The files of banks: what is written is read again and validated; what comes back is read or refused in words."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from marelle.connectors.sepa.files import SepaFiles, plain, schema_of
from marelle.domain.payments.bank_files import (
    Debit,
    DebitOrder,
    OwnAccount,
    Return,
    Transfer,
    TransferOrder,
    UnreadableReturnsError,
    UnwritableFileError,
)
from standins.bank.desk import Bank, RefusedFileError
from tests.factories.banks import BELGIAN, FRENCH, GERMAN, ICS, OWN, account_numbered

FILES = SepaFiles()
TODAY, DUE = date(2026, 11, 25), date(2026, 12, 10)
OURS = OwnAccount("RÉGIE SCOLAIRE", ICS, *OWN)
ONE = Debit("20261210-A", 11520, "MDT-202609-A", date(2026, 9, 1), "Léa Martin", FRENCH, "AGRIFRPPXXX", "2026-CA-154")
TWO = Debit("20261210-B", 1, "MDT-202609-B", date(2026, 9, 1), "Œdipe “Schön” & Cie", GERMAN, "", "n° 2 « é » – 3 €")
ORDER = DebitOrder("PRLV-1", datetime(2026, 11, 25, 9, 30, tzinfo=UTC), DUE, OURS, "pain.008.001.02", (ONE, TWO))
BACK = TransferOrder(
    "VIR-1", ORDER.made_at, DUE, OURS, (Transfer("REMB-A", 3330, "Léa Martin", BELGIAN, "", "Remboursement"),)
)


def read(content: bytes) -> etree._Element:
    document = etree.fromstring(content)
    assert schema_of(etree.QName(document).namespace.rsplit(":", 1)[-1]).validate(document)
    return document


@pytest.mark.parametrize("scheme", ["pain.008.001.02", "pain.008.001.08"])
def test_debits_are_written_as_they_are_and_taken_by_the_bank(scheme):
    document = read(FILES.debits(replace(ORDER, scheme=scheme)))

    assert document.findtext(".//{*}GrpHdr/{*}MsgId") == "PRLV-1"
    assert document.findtext(".//{*}CreDtTm") == "2026-11-25T09:30:00"
    assert document.findtext(".//{*}GrpHdr/{*}NbOfTxs") == "2"
    assert document.findtext(".//{*}GrpHdr/{*}CtrlSum") == "115.21"
    assert {one.text for one in document.iter("{*}SeqTp")} == {"RCUR"}
    assert [one.text for one in document.iter("{*}InstdAmt")] == ["115.20", "0.01"]
    assert [one.findtext("{*}Nm") for one in document.iter("{*}Dbtr")] == ["Lea Martin", "OEdipe Schon Cie"]
    bank = Bank(TODAY, creditors={ICS})
    assert bank.take(FILES.debits(replace(ORDER, scheme=scheme))) == []
    assert bank.collected == {"20261210-A": 11520, "20261210-B": 1}


def test_the_same_values_give_the_same_bytes():
    assert FILES.debits(ORDER) == FILES.debits(ORDER)
    assert FILES.transfers(BACK) == FILES.transfers(BACK)


def test_another_account_under_the_same_mandate_is_said_to_the_bank():
    amended = replace(ONE, iban=BELGIAN, bic="", reference="20270110-A", is_amended=True)
    later = replace(ORDER, message="PRLV-2", due_on=date(2027, 1, 11), debits=(amended, replace(TWO, reference="C")))
    bank = Bank(TODAY, creditors={ICS})
    bank.take(FILES.debits(ORDER))
    document = read(FILES.debits(later))

    assert [one.text for one in document.iter("{*}AmdmntInd")] == ["true"]
    assert document.findtext(".//{*}AmdmntInfDtls/{*}OrgnlDbtrAcct/{*}Id/{*}Othr/{*}Id") == "SMNDA"
    assert bank.take(FILES.debits(later)) == []
    silent = replace(later, message="PRLV-3", debits=(replace(amended, iban=FRENCH, is_amended=False),))
    assert bank.take(FILES.debits(silent)) == [("20270110-A", "MD02", date(2027, 1, 11))]


def test_transfers_are_written_and_valid():
    document = read(FILES.transfers(BACK))

    assert document.findtext(".//{*}CdtTrfTxInf/{*}Amt/{*}InstdAmt") == "33.30"
    assert document.findtext(".//{*}CdtrAcct/{*}Id/{*}IBAN") == BELGIAN
    assert document.findtext(".//{*}DbtrAcct/{*}Id/{*}IBAN") == OWN[0]
    assert document.findtext(".//{*}EndToEndId") == "REMB-A"


@pytest.mark.parametrize(
    "wrong",
    [
        replace(ONE, iban="FR76 3000"),
        replace(ONE, bic="AGRI"),
        replace(ONE, rum="M" * 36),
        replace(ONE, reference="R" * 36),
    ],
)
def test_what_the_schema_does_not_allow_never_leaves_and_the_error_names_nobody(wrong):
    with pytest.raises(UnwritableFileError) as refused:
        FILES.debits(replace(ORDER, debits=(wrong,)))
    assert "Martin" not in str(refused.value)
    assert "FR76" not in str(refused.value)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_no_name_nor_label_makes_a_file_invalid(name, label):
    assert read(FILES.debits(replace(ORDER, debits=(replace(ONE, holder=name, label=label),)))) is not None
    assert len(plain(name, 70)) in range(1, 71)


def test_two_thousand_debits_sum_to_the_cent():
    debits = tuple(
        replace(ONE, reference=f"R{n}", rum=f"M{n}", cents=n + 1, iban=account_numbered(n)) for n in range(2000)
    )
    bank = Bank(TODAY, creditors={ICS})

    assert bank.take(FILES.debits(replace(ORDER, debits=debits))) == []
    assert sum(bank.collected.values()) == 2000 * 2001 // 2


class TestTheBank:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (b"<CtrlSum>115.21", b"<CtrlSum>115.22"),
            (b"<NbOfTxs>2", b"<NbOfTxs>3"),
            (b"FR72ZZZ123456", b"FR12ZZZ123456"),
            (OWN[0].encode(), OWN[0].replace("123", "124").encode()),
            (b"<EndToEndId>20261210-B", b"<EndToEndId>20261210-A"),
            (b"<ReqdColltnDt>2026-12-10", b"<ReqdColltnDt>2026-11-20"),
            (b"<ReqdColltnDt>2026-12-10", b"<ReqdColltnDt>2026-12-12"),
            (b'Ccy="EUR"', b'Ccy="CHF"'),
            (b"</Document>", b""),
        ],
    )
    def test_refuses_a_file_that_is_not_well_made(self, before, after):
        content = FILES.debits(ORDER)
        assert before in content
        with pytest.raises(RefusedFileError):
            Bank(TODAY, creditors={ICS}).take(content.replace(before, after))

    def test_refuses_the_same_file_twice(self):
        bank = Bank(TODAY, creditors={ICS})
        bank.take(FILES.debits(ORDER))
        with pytest.raises(RefusedFileError):
            bank.take(FILES.debits(ORDER))

    def test_rejects_an_account_that_is_wrong_closed_or_short_and_an_old_mandate(self):
        debits = (
            replace(ONE, reference="KEY", rum="M1", iban="FR7630006000011234567890188"),
            replace(ONE, reference="CLOSED", rum="M2", iban=GERMAN, bic=""),
            replace(ONE, reference="SHORT", rum="M3", iban=BELGIAN, bic=""),
            replace(ONE, reference="OLD", rum="M4", signed_on=date(2023, 12, 1)),
            replace(ONE, reference="GOOD", rum="M5"),
        )
        bank = Bank(TODAY, creditors={ICS}, closed={GERMAN}, short={BELGIAN})
        rejected = bank.take(FILES.debits(replace(ORDER, debits=debits)))

        assert {reference: reason for reference, reason, _day in rejected} == {
            "KEY": "AC01",
            "CLOSED": "AC04",
            "SHORT": "AM04",
            "OLD": "MD01",
        }
        expected = [Return(reference, reason, DUE) for reference, reason, _day in rejected]
        assert FILES.returns(bank.outcome(rejected)) == expected
        report = FILES.returns(bank.status_report(rejected))
        assert report == [replace(one, day=TODAY) for one in expected]


@pytest.mark.parametrize(
    "text",
    [
        "reference;motif;date\nA;AM04;05/12/2026\n",
        "\ufeffDate,Référence,Motif,Montant\r\n2026-12-05,A,am04,3\r\n\r\n",
        "motif\treference\tdate\nAM04\tA\t2026-12-05",
    ],
)
def test_returns_are_read_however_the_table_is_cut(text):
    assert FILES.returns(text.encode()) == [Return("A", "AM04", date(2026, 12, 5))]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b"bonjour", "colonnes"),
        (b"reference;motif\nA;AM04", "colonnes"),
        (b"reference;motif;date\nA;AM04", "Ligne 2"),
        (b"reference;motif;date\n;AM04;2026-12-05", "Ligne 2"),
        (b"reference;motif;date\nA;non;2026-12-05", "quatre signes"),
        (b"reference;motif;date\nA;AM04;hier", "date"),
        (b"<x>", "mal form"),
        (b"<x/>", "pain.002"),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "pain.002"),
    ],
)
def test_what_is_no_file_of_returns_is_refused_in_words(content, words):
    with pytest.raises(UnreadableReturnsError) as refused:
        FILES.returns(content)
    assert words in refused.value.words


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading_of_returns(content):
    with contextlib.suppress(UnreadableReturnsError):
        FILES.returns(content)
