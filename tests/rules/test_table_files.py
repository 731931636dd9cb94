"""Tables that others wrote: any encoding and separator, workbooks, and what is no table at all."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from xlsxwriter import Workbook

from marelle.foundation import table_files
from marelle.foundation.table_files import UnreadableTableError, read_table

TEXT = "Nom;Prénom\r\nLefèvre;Zoé\r\n\r\nŒuvrard;Noël\r\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        "\ufeff".encode("utf-16-be") + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace(";", "\t").encode("cp1252"),
        TEXT.replace(";", ",").encode(),
        TEXT.replace(";", "|").encode(),
        b"\r\n" + TEXT.replace("Lefèvre", '"Lef\u200bèvre"').encode(),
    ],
)
def test_a_text_is_read_whatever_its_encoding_and_its_separator(content):
    table = read_table(content)
    assert table.columns == ("Nom", "Prénom")
    assert [one.cells for one in table.rows] == [("Lefèvre", "Zoé"), ("Œuvrard", "Noël")]


def test_a_text_of_iso_8859_1_is_read_even_with_signs_that_windows_does_not_have():
    assert read_table("Nom;X\nÉva;\x81b".encode("latin-1")).rows[0].cells == ("Éva", "\x81b")


def test_a_row_bears_the_number_that_the_spreadsheet_shows():
    assert [one.number for one in read_table(TEXT.encode()).rows] == [2, 4]


def workbook(fill, **options):
    written = io.BytesIO()
    with Workbook(written, options) as book:
        fill(book, book.add_worksheet("Élèves"))
    return written.getvalue()


def rewritten(content, name, change):
    """Return a workbook one of whose parts was changed by hand."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return written.getvalue()


class TestWorkbooks:
    def fill(self, book, sheet):
        sheet.write_row(0, 0, ["Nom", "Né le", "Au", "Téléphone", "Note", "Rien", "Vrai"])
        sheet.write_string(1, 0, "Lefèvre")
        sheet.write_datetime(1, 1, date(2018, 4, 9), book.add_format({"num_format": 14}))
        sheet.write_datetime(1, 2, date(2019, 1, 2), book.add_format({"num_format": 'dd" jour "mmmm yyyy'}))
        sheet.write_number(1, 3, 612345678)
        sheet.write_number(1, 4, 12.5)
        sheet.write_boolean(1, 6, boolean=True)
        sheet.write_formula(2, 0, '=HYPERLINK("http://exemple.fr")', None, "calculé")
        sheet.write_formula(3, 0, "=1/0", None, "#DIV/0!")
        sheet.write_string(3, 6, "x")
        book.add_worksheet("Autre").write_row(0, 0, ["Autre"])

    def test_the_first_sheet_is_read_days_as_days_and_a_formula_as_what_it_last_gave(self):
        table = read_table(workbook(self.fill))
        assert table.columns == ("Nom", "Né le", "Au", "Téléphone", "Note", "Rien", "Vrai")
        assert [(one.number, one.cells) for one in table.rows] == [
            (2, ("Lefèvre", "2018-04-09", "2019-01-02", "612345678", "12.5", "", "1")),
            (3, ("calculé",)),
            (4, ("", "", "", "", "", "", "x")),
        ]

    def test_texts_inside_the_sheet_and_the_days_of_old_macs_are_read_too(self):
        table = read_table(workbook(self.fill, in_memory=True, constant_memory=True, date_1904=True))
        assert table.rows[0].cells[:3] == ("Lefèvre", "2018-04-09", "2019-01-02")

    def test_a_day_beyond_days_and_a_text_that_is_not_there_are_nothing_to_fall_over(self):
        content = workbook(self.fill)
        content = rewritten(
            content, "xl/worksheets/sheet1.xml", lambda said: said.replace(b"<v>43199</v>", b"<v>1e300</v>")
        )
        assert read_table(content).rows[0].cells[1] == "1e300"
        content = rewritten(
            content, "xl/worksheets/sheet1.xml", lambda said: said.replace(b't="s"><v>7<', b't="s"><v>999<')
        )
        assert read_table(content).rows[0].cells[0] == ""

    @pytest.mark.parametrize(
        ("part", "change", "words"),
        [
            ("xl/worksheets/sheet1.xml", lambda said: said[:200], table_files.NOT_A_TABLE),
            (
                "xl/worksheets/sheet1.xml",
                lambda said: said.replace(b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "ha">]><worksheet', 1),
                table_files.NOT_A_TABLE,
            ),
            ("xl/workbook.xml", lambda said: b"", table_files.NOT_A_TABLE),
            ("xl/styles.xml", lambda said: said.replace(b'numFmtId="14"', b'numFmtId="x"'), table_files.NOT_A_TABLE),
        ],
    )
    def test_a_workbook_that_is_spoilt_is_refused(self, part, change, words):
        with pytest.raises(UnreadableTableError) as refused:
            read_table(rewritten(workbook(self.fill), part, change))
        assert refused.value.words == words

    def test_what_unpacks_to_too_much_is_not_unpacked(self, monkeypatch):
        monkeypatch.setattr(table_files, "LARGEST_UNPACKED", 1000)
        with pytest.raises(UnreadableTableError) as refused:
            read_table(workbook(self.fill))
        assert refused.value.words == table_files.TOO_LARGE

    def test_a_cell_far_to_the_right_is_too_many_columns_unless_it_is_empty(self):
        def far(book, sheet):
            sheet.write_row(0, 0, ["Nom"])
            sheet.write_row(1, 0, ["Zoé"])
            sheet.write_blank(1, 500, None, book.add_format({"bold": True}))

        assert read_table(workbook(far)).rows[0].cells == ("Zoé",)
        with pytest.raises(UnreadableTableError):
            read_table(workbook(lambda book, sheet: (far(book, sheet), sheet.write_string(1, 500, "x"))))

    def test_another_packed_file_is_no_workbook(self):
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as packed:
            packed.writestr("content.xml", "<office/>")
        with pytest.raises(UnreadableTableError) as refused:
            read_table(written.getvalue())
        assert refused.value.words == table_files.OLD_FORMAT


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", table_files.EMPTY),
        (b"\r\n  \n", table_files.EMPTY),
        (b";;\n;;\n", table_files.EMPTY),
        (b"Nom;Age\n;\n", table_files.NO_ROW),
        (b"x" * (table_files.LARGEST_FILE + 1), table_files.TOO_LARGE),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), table_files.NOT_A_TABLE),
        (b"%PDF-1.7 \x01\x02\x03\x04\x05\x06\x07\x08", table_files.NOT_A_TABLE),
        (b"\xff\xfe\x00", table_files.NOT_A_TABLE),
        (b"\xd0\xcf\x11\xe0 old", table_files.OLD_FORMAT),
        (b"\xd0\xcf\x11\xe0" + "Encrypted".encode("utf-16-le"), table_files.LOCKED),
        (b"PK\x03\x04 not a zip", table_files.NOT_A_TABLE),
        (b'Nom;Age\n"' + b"x" * 200_000, table_files.NOT_A_TABLE),
        (b";".join([b"x"] * 201) + b"\n", table_files.TOO_MANY_COLUMNS),
        (b"Nom;Age\n" + b"a;1\n" * (table_files.MOST_ROWS + 1), table_files.TOO_MANY_ROWS),
    ],
    ids=["empty", "blank", "cells of nothing", "titles alone", "too large", "picture", "pdf", "half a utf-16", "xls",
         "password", "broken zip", "endless cell", "columns", "rows"],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_a_sentence(content, words):
    with pytest.raises(UnreadableTableError) as refused:
        read_table(content)
    assert refused.value.words == words
