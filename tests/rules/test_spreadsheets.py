"""Tables as they leave for a spreadsheet: texts stay texts, amounts stay amounts."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.foundation.spreadsheets import Cents, Sheet, csv_lines, xlsx

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def as_csv(*rows):
    written = b"".join(csv_lines(Sheet("Essai", ("A", "B"), rows)))
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig")), delimiter=";"))


def cells(book, number=1):
    sheet = ET.fromstring(zipfile.ZipFile(io.BytesIO(book)).read(f"xl/worksheets/sheet{number}.xml"))
    return {cell.get("r"): (cell.get("s"), "".join(cell.itertext())) for cell in sheet.iter(f"{MAIN}c")}


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        ("Benali", "Benali"),
        ('a;b"c', 'a;b"c'),
        (7, "7"),
        (Cents(310), "3,10"),
        (Cents(-1155), "-11,55"),
        (Cents(-5), "-0,05"),
        (date(2026, 11, 3), "03/11/2026"),
    ],
    ids=str,
)
def test_a_cell_of_a_csv(cell, written):
    assert as_csv((cell, "x")) == [["A", "B"], [written, "x"]]


@pytest.mark.parametrize("text", ["=1+1", "+33 1", "-2", "@SUM(A1)", "\tx"])
def test_no_text_becomes_a_formula(text):
    assert as_csv((text, ""))[1][0] == f"'{text}"
    assert cells(xlsx([Sheet("Essai", ("A",), [(text,)])]))["A2"] == ("0", text)


def test_a_workbook_holds_each_sheet_with_its_names_in_bold():
    book = xlsx(
        [
            Sheet(
                "Factures & avoirs", ("Nom", "Total", "Jour", "Nombre"), [("É<i>", Cents(-310), date(2026, 11, 3), 2)]
            ),
            Sheet("Codes", ("Compte",), [("7067",), (None,)]),
        ]
    )

    assert cells(book)["A1"] == ("1", "Nom")
    assert cells(book)["A2"] == ("0", "É<i>")
    assert cells(book)["B2"] == ("2", "-3.10")
    assert cells(book)["C2"] == ("3", "46329")
    assert cells(book)["D2"] == (None, "2")
    assert cells(book, 2) == {"A1": ("1", "Compte"), "A2": ("0", "7067")}
    assert 'name="Factures &amp; avoirs"' in zipfile.ZipFile(io.BytesIO(book)).read("xl/workbook.xml").decode()


def test_a_wide_table_names_its_columns_as_spreadsheets_do():
    found = cells(xlsx([Sheet("Essai", [str(place) for place in range(30)], [])]))

    assert found["Z1"] == ("1", "25")
    assert found["AA1"] == ("1", "26")
    assert found["AD1"] == ("1", "29")


@pytest.mark.law
@given(st.text(), st.integers(-(10**9), 10**9))
def test_any_text_and_any_amount_can_be_read_back(text, cents):
    book = xlsx([Sheet("Essai", ("A", "B"), [(text, Cents(cents))])])
    found = cells(book)

    readable = "".join(sign for sign in text if (sign >= " " or sign in "\n\t") and sign not in "\ufffe\uffff")
    assert found["A2"][1] == readable
    euros, _point, rest = found["B2"][1].lstrip("-").partition(".")
    assert int(euros) * 100 + int(rest) == abs(cents)
    assert found["B2"][1].startswith("-") is (cents < 0)
