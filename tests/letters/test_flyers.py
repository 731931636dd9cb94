"""Flyers: one page, the two ways in, a code that phones read, and only what the authority really has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
import qrcode
from pypdf import PdfReader

from marelle.domain.authorities.models import Regie
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from marelle.letters.documents.drawing import flyer_pdf
from marelle.letters.documents.flyers import WayIn
from marelle.letters.documents.qr_codes import QUIET, squares_of
from marelle.letters.flyer_documents import flyer as flyer_of
from tests.factories.documents import ISSUER, flyer
from tests.factories.town import make_authority, make_service

TODAY = date(2026, 11, 23)
LONG = replace(
    ISSUER,
    name="Communauté de communes du Pays de la Grande Rivière et des Trois Vallées",
    opening_hours="Lundi, mardi, jeudi, vendredi de 9 h à 12 h et de 14 h à 17 h ; mercredi de 9 h à 12 h ; "
    "samedi de 10 h à 12 h, sauf pendant les vacances scolaires, et sur rendez-vous",
)


def text_of(file):
    return "".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(file)).pages)


@pytest.mark.parametrize(
    ("way_in", "said", "kept_for_the_other"),
    [
        (WayIn.LINK, "vous recevez un courriel avec un lien", "code d’adhésion"),
        (WayIn.CODE, "elle vous remet un code d’adhésion", "courriel avec un lien"),
    ],
)
def test_each_variant_says_its_own_way_in(way_in, said, kept_for_the_other):
    text = text_of(flyer_pdf(flyer(way_in)))

    assert said in text
    assert kept_for_the_other not in text
    assert "famille.exemple.fr/dammartin-sur-tigeaux" in text
    assert ISSUER.name in text


@pytest.mark.parametrize("way_in", WayIn)
def test_a_long_name_long_hours_and_many_services_are_still_one_page(way_in):
    services = tuple(f"Accueil de loisirs numéro {number}" for number in range(9))

    assert len(PdfReader(BytesIO(flyer_pdf(flyer(way_in, issuer=LONG, services=services)))).pages) == 1


def test_what_an_authority_does_not_have_is_not_announced():
    text = text_of(flyer_pdf(flyer(has_prepaid=False, has_arrears=False, invoices_site="", services=())))

    assert "Payez quand vous" not in text
    assert "factures.exemple.fr" not in text


def test_the_code_is_the_one_of_the_library_square_by_square():
    text = "https://famille.exemple.fr/dammartin-sur-tigeaux/"
    squares = squares_of(text)
    wanted = qrcode.QRCode(border=QUIET, error_correction=qrcode.constants.ERROR_CORRECT_Q)
    wanted.add_data(text)

    drawn = [[False] * squares.size for _ in range(squares.size)]
    for x, y, count in squares.runs:
        drawn[y][x : x + count] = [True] * count

    assert drawn == wanted.get_matrix()


def test_an_address_that_no_phone_opens_is_refused():
    with pytest.raises(ValueError, match="https://"):
        flyer(site="famille.exemple.fr")


@pytest.mark.django_db
def test_a_flyer_is_made_of_what_the_authority_is_today():
    authority = make_authority(announcement="La cantine est en ligne !", accent="#8A2B5C")
    with permitted("test"), tenancy.scope({authority.pk}):
        Regie.objects.create(authority=authority, code="cantine", name="Régie", online_from=date(2026, 12, 1))
    make_service(authority, "Cantine")
    make_service(authority, "Centre de loisirs", payment_mode="prepaid")

    with tenancy.scope({authority.pk}):
        today, later = (flyer_of(authority, WayIn.LINK, on=day) for day in (TODAY, date(2026, 12, 1)))

    assert today.announcement == "La cantine est en ligne !"
    assert today.site.endswith(f"/{authority.slug}/")
    assert set(today.services) == {"Cantine", "Centre de loisirs"}
    assert (today.has_prepaid, today.has_arrears) == (True, True)
    assert today.issuer.accent == "#8A2B5C"
    assert today.invoices_site == ""
    assert later.invoices_site
