"""Files of invoices as other softwares export them: what is read, and what is said of what is wrong."""

from datetime import date

import pytest

from marelle.domain.billing.rules.imports import (
    Column,
    FileFault,
    UnreadableFileError,
    Wanted,
    differences,
    read_file,
    wanted_from,
)

ON = date(2026, 11, 23)
THEMES = ("eau", "loyer", "autre")
HEADER = "Référence;Objet;Montant;Date;Échéance;Débiteur;Numéro client;Email;Sujet"
LINE = "EAU-1;Eau, 3e trimestre 2026;12,34;01/10/2026;31/12/2026;Jeanne Moreau;C-77;jeanne@exemple.fr;eau"
WATER = Wanted(
    "EAU-1", "Eau, 3e trimestre 2026", 1234, date(2026, 10, 1), date(2026, 12, 31), "Jeanne Moreau", "C-77",
    "jeanne@exemple.fr", "eau",
)  # fmt: skip


def read(text, encoding="utf-8"):
    return read_file(text.encode(encoding), themes=THEMES, on=ON)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (f"{HEADER}\n{LINE}\n", "utf-8"),
        (f"{HEADER}\r\n{LINE}\r\n\r\n", "utf-8-sig"),
        (f"{HEADER}\n{LINE}", "cp1252"),
        (f"{HEADER}\n{LINE}".replace(";", "\t"), "utf-8"),
        (f"{HEADER.upper()}\n{LINE}".replace("12,34", "12.34 €"), "utf-8"),
        (f"{HEADER}\n{LINE}".replace("01/10/2026", "2026-10-01"), "utf-8"),
        (f"{HEADER};Rien\n{LINE};x\n;;;;;;;;\n", "utf-8"),
        (HEADER + "\n" + LINE.replace("Eau, 3e trimestre 2026", '"Eau,  3e trimestre\n2026"'), "utf-8"),
    ],
    ids=["plain", "windows lines", "windows-1252", "tabs", "a point", "iso days", "more columns", "quotes"],
)
def test_a_file_is_read_however_it_was_exported(text, encoding):
    (line,) = read(text, encoding)
    assert line.wanted == WATER


def test_columns_come_in_any_order_and_some_may_lack():
    (line,) = read("Débiteur;Date;Échéance;Objet;Montant;Réf\nJeanne;01/10/2026;01/11/2026;Loyer;500;L1")
    assert (line.wanted.reference, line.wanted.cents, line.wanted.theme) == ("L1", 50000, "autre")
    assert (line.wanted.account_code, line.wanted.email) == ("=L1", "")


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("reference", "", "Référence : c’est vide."),
        ("reference", "--", "La référence n’a ni lettre ni chiffre."),
        ("reference", "x" * 41, "Référence : 40 signes au plus."),
        ("objet", " ", "Objet : c’est vide."),
        ("montant", "douze", "Le montant s’écrit « 12,34 », en euros."),
        ("montant", "12,345", "Le montant s’écrit « 12,34 », en euros."),
        ("montant", "-5,00", "Le montant s’écrit « 12,34 », en euros."),
        ("montant", "0", "Le montant va de 0,01 € à 100 000 €."),
        ("montant", "100000,01", "Le montant va de 0,01 € à 100 000 €."),
        ("date", "32/10/2026", "Date : un jour s’écrit « 31/12/2026 »."),
        ("date", "24/11/2026", "La date de la facture est dans l’avenir, ou a plus de dix ans."),
        ("date", "01/10/2006", "La date de la facture est dans l’avenir, ou a plus de dix ans."),
        ("echeance", "30/09/2026", "L’échéance va de la date de la facture à deux ans après elle."),
        ("echeance", "", "Échéance : un jour s’écrit « 31/12/2026 »."),
        ("debiteur", "", "Débiteur : c’est vide."),
        ("numero_client", "=C", "Le numéro de client ne commence pas par « = »."),
        ("email", "jeanne", "Cette adresse e-mail n’en est pas une."),
        ("sujet", "gaz", "Le sujet est l’un de : eau, loyer, autre."),
    ],
)
def test_what_is_wrong_is_said_of_its_field(column, text, said):
    fields = dict(zip([one.value for one in Column], LINE.split(";"), strict=True))
    wanted, faults = wanted_from({**fields, column: text}, themes=THEMES, on=ON)
    assert wanted is None
    assert (column, said) in [(one.field, one.words) for one in faults]


def test_every_fault_of_a_line_is_said_and_a_reference_serves_once():
    lines = read(f"{HEADER}\n{LINE}\n{LINE.lower()}\n;;;;;;;;eau\n")
    assert [line.number for line in lines] == [2, 3, 4]
    assert lines[0].wanted is not None
    assert [one.words for one in lines[1].faults] == ["Cette référence est déjà à la ligne 2."]
    assert len(lines[2].faults) == 6


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", FileFault.EMPTY),
        (b"  \n", FileFault.EMPTY),
        (b"\xef\xbb\xbf", FileFault.EMPTY),
        (b"PK\x03\x04\0\0", FileFault.NOT_TEXT),
        (b"\x81\x8d\x90;\xff", FileFault.NOT_TEXT),
        (f"{HEADER}\n".encode(), FileFault.NO_LINE),
        (b"x" * 2_000_001, FileFault.TOO_LARGE),
        ((f"{HEADER}\n" + f"{LINE}\n" * 5001).encode(), FileFault.TOO_LARGE),
        (f'{HEADER}\n"EAU'.encode(), FileFault.NOT_TEXT),
        (
            b"Objet;Montant\nEau;1",
            "La première ligne nomme les colonnes. Il manque : Référence, Date, Échéance, Débiteur. Partez du modèle.",
        ),
    ],
    ids=[
        "nothing",
        "blanks",
        "a mark of its encoding",
        "a workbook",
        "no text",
        "no line",
        "too heavy",
        "too many",
        "a quote",
        "no column",
    ],
)
def test_what_is_no_table_of_invoices_is_said_so(content, words):
    with pytest.raises(UnreadableFileError) as refused:
        read_file(content, themes=THEMES, on=ON)
    assert refused.value.words == words


def test_what_differs_under_one_reference_is_named():
    other = Wanted("EAU-1", "Loyer", 1, date(2026, 10, 2), date(2026, 12, 30), "Jean", "", "", "autre")
    assert differences(WATER, WATER) == ()
    assert differences(other, WATER) == (
        "le montant", "l’objet", "la date", "l’échéance", "le débiteur", "le numéro de client",
    )  # fmt: skip
