"""Letters of membership codes: one family a page, by class, each code as it will be typed."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from marelle.domain.families.models import Family
from marelle.domain.families.queries.joining import codes_to_print
from marelle.domain.families.rules.codes import in_groups
from marelle.foundation import clock
from marelle.letters.code_documents import code_letters
from marelle.letters.documents.codes import CodeLetterDocument, PrintedCode
from marelle.letters.documents.drawing import code_letters_pdf
from marelle.letters.documents.parties import Issuer, Recipient
from tests.factories.joining import make_code, make_guardian
from tests.factories.town import make_authority, make_child, make_class, make_facility

TODAY = date(2026, 11, 23)


def letter(name="Famille Martin", *names, **fields):
    values = {
        "written_on": TODAY,
        "issuer": Issuer("Dammartin-sur-Tigeaux", "Espace famille", ("1 place de la Mairie", "77163 Dammartin")),
        "family": Recipient(name, ("2 rue Haute", "77163 Dammartin")),
        "handed_by": "École des Tilleuls, CP : Lucia",
        "site": "http://famille.localhost/",
        "codes": tuple(PrintedCode(each, "7KQM-X2PD-9RHV", date(2027, 1, 22)) for each in names or ("Léa Martin",)),
        **fields,
    }
    return CodeLetterDocument(**values)


def pages(file):
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(file)).pages]


def test_each_family_has_one_page_that_says_all():
    drawn = pages(code_letters_pdf([letter("Famille Martin", "Léa Martin", "Paul Martin"), letter("Famille Durand")]))

    assert len(drawn) == 2
    first, second = drawn
    for said in ("Famille Martin", "2 rue Haute", "Léa Martin", "Paul Martin", "7KQM-X2PD-9RHV", "22 janvier 2027"):
        assert said in first.replace("\N{NO-BREAK SPACE}", " ")
    assert "École des Tilleuls, CP : Lucia" in first
    assert "http://famille.localhost/" in first
    assert "Famille Durand" in second
    assert "Famille Durand" not in first


def test_a_family_of_four_guardians_is_still_one_page():
    assert len(pages(code_letters_pdf([letter("Famille Longue", *(f"Prénom{n} Nom" for n in range(4)))]))) == 1


def test_the_address_stands_in_the_window_of_an_envelope():
    places = []

    def note(text, matrix, _matrix, _font, _size):
        if "2 rue Haute" in text:
            places.append((matrix[4] / 72 * 25.4, 297 - matrix[5] / 72 * 25.4))

    PdfReader(BytesIO(code_letters_pdf([letter()]))).pages[0].extract_text(visitor_text=note)

    assert places
    assert all(105 <= x <= 190 and 45 <= y <= 85 for x, y in places), places


def test_markup_in_a_name_is_written_as_it_is():
    assert "#image(*)" in pages(code_letters_pdf([letter("Famille #image(*)")]))[0]


def test_nothing_to_print_is_refused():
    with pytest.raises(ValueError, match="aucun code"):
        code_letters_pdf([])
    with pytest.raises(ValueError, match="un code au moins"):
        letter(codes=())


@pytest.mark.django_db
def test_letters_come_by_school_and_class_then_by_name_and_those_without_a_class_last(in_scope):
    authority = make_authority()
    in_scope(authority)
    school = make_facility(authority, "École A")
    small, big = make_class(school, "CP", position=1), make_class(school, "CM2", position=5)
    guardians = {}
    for name, classroom in (("Zola", small), ("Abel", big), ("Camus", small), ("Sans", None)):
        guardians[name] = make_guardian(authority, name=name)
        make_child(guardians[name].family, school_class=classroom)
        make_code(guardians[name])
    second = make_guardian(authority, "Paul", family=guardians["Zola"].family, name="Zola")
    make_code(second)

    found = code_letters(codes_to_print(Family.objects.all(), at=clock.machine_now()), authority, on=TODAY)

    assert [one.family.name for one in found] == ["Famille Camus", "Famille Zola", "Famille Abel", "Famille Sans"]
    assert [len(one.codes) for one in found] == [1, 2, 1, 1]
    assert found[1].handed_by == "École A, CP : Lucia"
    assert found[3].handed_by == ""
    assert found[1].codes[0].code == in_groups(guardians["Zola"].codes.get().code)
