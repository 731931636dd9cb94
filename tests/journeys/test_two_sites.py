"""One account, both sites: what the flyers say, then leaving one is leaving the other."""

from __future__ import annotations

import re

import pytest

from tests.factories.town import make_authority, make_family, make_user
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]
WALKS = [
    pytest.param(PHONE, True, id="phone"),
    pytest.param(DESK, False, id="desk, no scripts", marks=pytest.mark.torture),
]


@pytest.mark.parametrize(("viewport", "scripts"), WALKS)
def test_one_account_opens_both_sites_and_leaving_one_is_leaving_both(with_password, person, viewport, scripts):
    user = with_password(make_user("elena@exemple.fr"))
    make_family(make_authority(slug="dammartin"), user=user)
    elena = person(viewport=viewport, scripts=scripts)
    page = elena.page

    def looks():
        if scripts:
            elena.finds_nothing_with_axe()

    # Signed in for one site, she is for the other, without a page between.
    elena.opens("/dammartin/profil/")
    page.wait_for_url("**//compte.localhost*/**")
    looks()
    elena.signs_in(user)
    page.wait_for_url("**//famille.localhost*/dammartin/profil/")
    elena.opens("/compte/connexion/?next=/aide/", host="factures")
    page.wait_for_url("**//factures.localhost*/aide/")

    # The account site says where one may go, and where one is signed in.
    elena.opens("/", host="compte")
    elena.sees("Un seul compte")
    looks()
    elena.clicks_on(page.get_by_role("link", name=re.compile("^Ouvrir")).first)
    page.wait_for_url("**//famille.localhost*/dammartin/actualites/")
    elena.opens("/compte/securite/")
    page.wait_for_url("**//compte.localhost*/**")
    elena.sees("Espace famille, Factures en ligne.")
    looks()

    # The button of one site, and both ask again who one is.
    elena.opens("/compte/deconnexion/", host="factures")
    elena.clicks_on(page.get_by_role("button", name="Se déconnecter"))
    page.wait_for_url("**//factures.localhost*/")
    for host, path in (("famille", "/dammartin/profil/"), ("compte", "/compte/securite/")):
        elena.opens(path, host=host)
        page.wait_for_url("**//compte.localhost*/compte/connexion/**")

    # A journey that cannot end is said calmly, and begins again.
    elena.opens("/compte/retour/?code=ancien&state=ancien")
    elena.sees("La connexion n’a pas abouti")
    looks()
    elena.clicks_on(page.get_by_role("link", name="Recommencer"))
    elena.signs_in(user)
    page.wait_for_url("**//famille.localhost*/dammartin/actualites/")
