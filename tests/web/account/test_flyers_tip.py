"""« Utilisez les mêmes identifiants »: who has an account of one site comes into a family of the other with it."""

from __future__ import annotations

import pytest
from django.core import mail

from marelle.domain.accounts.models import User
from marelle.jobs import ways_in as tasks
from tests.factories.joining import make_code, make_guardian, make_invitation
from tests.factories.town import make_authority, make_family
from tests.web.account.people import PASSWORD, SIGN_IN, browser, make_person, sign_in, text_of
from tests.web.account.test_ways_in import ACTIVATION, CREATE, JOIN, members, opened, queued, url_of

pytestmark = pytest.mark.django_db
TIP = "Vous avez déjà un compte Factures en ligne ? Utilisez les mêmes identifiants."
FAMILY = "http://famille.localhost"


@pytest.fixture
def town():
    return make_authority()


@pytest.fixture
def link(town):
    return make_invitation(make_guardian(town, "Léa", email="lea@exemple.fr"))


@pytest.fixture
def client():
    return browser("compte")


class TestItIsSaid:
    @pytest.mark.parametrize("page", [SIGN_IN, CREATE])
    def test_where_one_signs_in_and_creates_an_account(self, client, page):
        assert TIP in text_of(client.get(page))

    def test_where_a_link_is_followed_and_completed(self, client, link):
        assert TIP in text_of(client.get(url_of(link)))
        page = text_of(opened(client, link))
        assert TIP in page
        assert f'href="{SIGN_IN}?next={ACTIVATION}"' in page

    def test_the_other_way_round_to_who_comes_from_the_site_of_invoices(self, client):
        said = text_of(client.get(SIGN_IN, {"next": "/oidc/autorisation?client_id=factures"}))

        assert "Vous avez déjà un compte Espace famille ? Utilisez les mêmes identifiants." in said
        assert "Toutes vos factures au même endroit" in said
        assert TIP not in said

    def test_not_to_agents(self, client):
        assert TIP not in text_of(client.get(SIGN_IN, {"next": "/oidc/autorisation?client_id=mairie"}))

    def test_in_the_letters(self, town):
        guardian = make_guardian(town, "Léa", email="lea@exemple.fr")
        tasks.invitations(authority=town.pk, invitations=[make_invitation(guardian, sent_at=None).pk])
        tasks.membership_codes(authority=town.pk, codes=[make_code(guardian, delivery="mail").pk])

        assert len(mail.outbox) == 2
        for letter in mail.outbox:
            assert "Factures en ligne ? Utilisez les mêmes identifiants" in " ".join(letter.body.split())


class TestTheAccountOfTheInvoices:
    """It has another address than the one that the town hall knows."""

    @pytest.fixture
    def hers(self):
        return make_person("lea.factures@exemple.fr")

    def test_takes_a_link_after_signing_in(self, client, hers, link):
        opened(client, link)
        signed = sign_in(client, hers.email, next=ACTIVATION)
        assert signed["Location"] == ACTIVATION
        page = text_of(client.get(ACTIVATION))
        assert hers.email in page
        client.post(ACTIVATION, {})

        assert members() == [(hers.email, "Léa")]
        assert User.objects.count() == 1

    def test_takes_a_code_after_signing_in(self, client, hers, town):
        code = make_code(make_guardian(town, "Léa"))
        assert client.get(JOIN)["Location"] == f"{SIGN_IN}?next={JOIN}"
        assert sign_in(client, hers.email, next=JOIN)["Location"] == JOIN

        client.post(JOIN, {"code": code.code})

        assert members() == [(hers.email, "Léa")]

    def test_who_creates_it_again_is_led_by_a_letter_to_signing_in_and_to_the_code(self, client, hers, town):
        make_code(make_guardian(town, "Léa"))
        other = client.post(CREATE, {"email": "inconnue@exemple.fr"})
        same = client.post(CREATE, {"email": hers.email})
        assert (same.status_code, same["Location"]) == (other.status_code, other["Location"])
        tasks.account_asked(**queued("letters.account_asked")[1])

        said = " ".join(mail.outbox[0].body.split())
        assert "Ce sont les mêmes identifiants sur l’espace famille et sur Factures en ligne" in said
        assert f"{JOIN}" in said
        assert "Il attend aussi : ouvrez-le" in said
        assert User.objects.count() == 1


class TestWhereOneLands:
    def test_by_a_link_that_opens_an_account_in_the_family_space(self, town, link):
        client = browser("compte")
        opened(client, link)

        done = client.post(ACTIVATION, {"password": PASSWORD})

        assert done["Location"] == f"{FAMILY}/{town.slug}/actualites/?rattache=1"

    def test_by_a_link_that_is_attached(self, town, link):
        client = browser("compte")
        make_person()
        sign_in(client)
        opened(client, link)

        assert client.post(ACTIVATION, {})["Location"] == f"{FAMILY}/{town.slug}/actualites/?rattache=1"

    def test_by_a_code_for_a_second_family_of_the_town_the_address_names_it(self, town):
        client = browser("compte")
        user = make_person()
        make_family(town, "Roy", user=user)
        guardian = make_guardian(town, "Léa")
        sign_in(client)

        done = client.post(JOIN, {"code": make_code(guardian).code})

        assert done["Location"] == f"{FAMILY}/f-{guardian.family.public_id}/{town.slug}/actualites/?rattache=1"

    def test_the_browser_may_go_there_from_a_form(self, town):
        policy = browser("compte").get(CREATE)["Content-Security-Policy"]
        form_action = next(part for part in policy.split(";") if "form-action" in part)

        assert FAMILY in form_action
        assert "'self'" in form_action
