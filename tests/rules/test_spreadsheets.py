"""Tables as they leave for a spreadsheet: texts stay texts, amounts stay amounts."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
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
    styles = ET.fromstring(zipfile.ZipFile(io.BytesIO(book)).read("xl/styles.xml"))
    formats = [each.get("numFmtId") for each in styles.find(f"{MAIN}cellXfs")]
    fonts = [each.get("fontId") for each in styles.find(f"{MAIN}cellXfs")]

    def kind(cell):
        style = int(cell.get("s") or 0)
        return "bold" if fonts[style] != "0" else {"0": "", "4": "amount", "14": "day"}.get(formats[style], "?")

    return {cell.get("r"): (kind(cell), "".join(cell.itertext())) for cell in sheet.iter(f"{MAIN}c")}


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
    assert cells(xlsx([Sheet("Essai", ("A",), [(text,)])]))["A2"] == ("", text)


def test_a_workbook_holds_each_sheet_with_its_names_in_bold():
    book = xlsx(
        [
            Sheet(
                "Factures & avoirs", ("Nom", "Total", "Jour", "Nombre"), [("É<i>", Cents(-310), date(2026, 11, 3), 2)]
            ),
            Sheet("Codes", ("Compte",), [("7067",), (None,)]),
        ]
    )

    assert cells(book)["A1"] == ("bold", "Nom")
    assert cells(book)["A2"] == ("", "É<i>")
    assert cells(book)["B2"] == ("amount", "-3.1")
    assert cells(book)["C2"] == ("day", "46329")
    assert cells(book)["D2"] == ("", "2")
    assert cells(book, 2) == {"A1": ("bold", "Compte"), "A2": ("", "7067")}
    assert 'name="Factures &amp; avoirs"' in zipfile.ZipFile(io.BytesIO(book)).read("xl/workbook.xml").decode()


def test_a_wide_table_names_its_columns_as_spreadsheets_do():
    found = cells(xlsx([Sheet("Essai", [str(place) for place in range(30)], [])]))

    assert found["Z1"] == ("bold", "25")
    assert found["AA1"] == ("bold", "26")
    assert found["AD1"] == ("bold", "29")


@pytest.mark.law
@given(st.text(), st.integers(-(10**9), 10**9))
def test_any_text_and_any_amount_can_be_read_back(text, cents):
    book = xlsx([Sheet("Essai", ("A", "B"), [(text, Cents(cents))])])
    found = cells(book)

    readable = "".join(sign for sign in text if (sign >= " " or sign in "\n\t") and sign not in "\ufffe\uffff")
    assert found.get("A2", ("", ""))[1] == readable
    assert Decimal(found["B2"][1]) * 100 == cents
