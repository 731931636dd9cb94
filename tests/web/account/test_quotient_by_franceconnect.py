"""A parent brings her quotient: FranceConnect says who she is, and the CAF or the MSA answers while she comes back."""

from __future__ import annotations

import re
import threading
from urllib.parse import parse_qsl, urlsplit

import pytest

from marelle.connectors.quotient.client import ApiParticulier
from marelle.domain.accounts.models import Identity
from marelle.domain.families.models import FamilyQuotient
from marelle.domain.families.operations.quotients import record_quotient
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.web.account.identities import journeys
from standins.api_particulier.cases import known_cases
from standins.api_particulier.server import Mood, Server
from tests.factories.town import make_authority, make_family, make_user
from tests.franceconnect import as_franceconnect, closed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

SIRET = "21770154900016"


@pytest.fixture
def caf(fc):
    """API Particulier, which looks at tokens where they come from."""
    server = Server(known_cases(None), franceconnect=fc.url)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    closed(server)


@pytest.fixture
def parent(account_site, settings, fc, caf):
    settings.FRANCECONNECT = as_franceconnect(fc)
    settings.QUOTIENT_BY_FRANCECONNECT = ApiParticulier(caf.url, whole_seconds=1)
    account_site.town = make_authority(siret=SIRET)
    account_site.user = make_user("elena@exemple.fr")
    account_site.family = make_family(account_site.town, user=account_site.user)
    account_site.at = f"/compte/quotient/?famille={account_site.family.public_id}"
    tie(account_site.user, fc, "elena")
    account_site.force_login(account_site.user)
    return account_site


def tie(user, fc, person):
    (client,) = fc.provider.clients.values()
    with permitted("factory"):
        return Identity.objects.create(
            user=user,
            provider="franceconnect",
            issuer=fc.provider.issuer,
            subject=fc.provider.subject(person, client),
            linked_at=clock.machine_now(),
        )


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def comes(parent, fc, person="elena"):
    """Press the button, be this person, come back, and read the page."""
    url = parent.post(parent.at)["Location"]
    response = parent.get(fc.come_back_as(url, person).removeprefix("http://compte.localhost"))
    assert (response.status_code, response["Location"]) == (303, parent.at)
    return words(parent.get(parent.at))


def recorded(parent):
    with tenancy.scope({parent.town.pk}):
        return list(
            FamilyQuotient.objects.filter(withdrawn_at=None).values_list(
                "value_cents", "source", "provider", "period", "valid_from"
            )
        )


def outcomes():
    return [one.details.get("outcome") for one in AuditEntry.objects.filter(verb="ask_quotient")]


def test_it_is_asked_recorded_and_shown(parent, fc, caf):
    before = words(parent.get(parent.at))
    assert "Récupérer mon quotient avec FranceConnect" in before
    assert "Non renseigné" in before
    page = comes(parent, fc)

    assert "votre quotient est de 742, donné par la CAF. Il compte à partir du 01/11/2026." in page
    assert "742 depuis le 01/11/2026" in page
    ((value, source, provider, period, day),) = recorded(parent)
    assert (value, source, provider, period, day.isoformat()) == (742_00, "api", "CNAF", "2026-11", "2026-11-01")
    assert outcomes() == ["FOUND"]
    ((path, headers),) = caf.heard
    assert path == f"/v3/dss/quotient_familial/france_connect?recipient={SIRET}"
    assert headers["Authorization"].removeprefix("Bearer ") in fc.provider.tokens


def test_only_the_quotient_is_asked_of_franceconnect(parent):
    asked = dict(parse_qsl(urlsplit(parent.post(parent.at)["Location"]).query))

    assert asked["scope"] == "openid identite_pivot cnaf_quotient_familial"


def test_neither_token_nor_identity_stays_in_the_session(parent, fc):
    comes(parent, fc)
    kept = str(dict(parent.session.items()))

    assert not [token for token in fc.provider.tokens if token in kept]
    assert "SANCHEZ" not in kept


def test_who_leaves_afterwards_leaves_franceconnect_too(parent, fc):
    comes(parent, fc)

    assert parent.post("/compte/deconnexion/")["Location"].startswith(f"{fc.url}/api/v2/session/end?")


def test_the_same_again_writes_nothing_more(parent, fc):
    comes(parent, fc)
    comes(parent, fc)

    with tenancy.scope({parent.town.pk}):
        assert FamilyQuotient.objects.count() == 1


def test_what_was_declared_for_that_day_is_replaced_and_kept(parent, fc):
    with tenancy.scope({parent.town.pk}):
        record_quotient(
            parent.family,
            value_cents=900_00,
            valid_from=clock.business_today().replace(day=1),
            source=FamilyQuotient.Source.DECLARED,
            by=SYSTEM,
            at=clock.business_now(),
        )
    comes(parent, fc)

    assert [row[0] for row in recorded(parent)] == [742_00]
    with tenancy.scope({parent.town.pk}):
        assert FamilyQuotient.objects.exclude(withdrawn_at=None).count() == 1


@pytest.mark.parametrize("is_known", [True, False], ids=["of another account", "of nobody"])
def test_the_quotient_of_somebody_else_is_not_even_asked(parent, fc, caf, is_known):
    if is_known:
        tie(make_user(), fc, "david")
    page = comes(parent, fc, "david")

    assert "Ce n’est pas l’identité FranceConnect reliée à votre compte" in page
    assert (recorded(parent), caf.heard) == ([], [])


def test_an_account_that_is_not_tied_is_told_to_tie_first(parent, fc):
    with permitted("factory"):
        Identity.objects.all().delete()

    assert "Reliez d’abord FranceConnect" in words(parent.get(parent.at))
    assert parent.post(parent.at).status_code == 200
    assert journeys.KEPT not in parent.session


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        (Mood.SILENT, "UNAVAILABLE"),
        (Mood.DRIBBLING, "UNAVAILABLE"),
        (Mood.GARBAGE, "UNREADABLE"),
        (Mood.HALF, "UNREACHABLE"),
    ],
)
def test_slowness_and_nonsense_are_said_calmly(parent, fc, caf, mood, code):
    caf.mood = mood
    page = comes(parent, fc)

    assert "ne répond pas pour le moment" in page
    assert "Rien n’a été enregistré." in page
    assert (recorded(parent), outcomes()) == ([], [code])


def refused(status, code):
    return status, f'{{"errors": [{{"code": "{code}", "source": null}}]}}'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refused(404, "37003"), "n’ont pas de dossier à votre nom"),
        (refused(401, "00101"), "n’a pas l’autorisation"),
        (refused(403, "00100"), "n’a pas l’autorisation"),
        (refused(409, "00015"), "déjà en cours"),
        (refused(422, "00366"), "ne répond pas"),
        (refused(429, "00429"), "Attendez une minute"),
        (refused(502, "37999"), "ne répond pas"),
        (refused(504, "37001"), "ne répond pas"),
        ((200, '{"data": {"quotient_familial": {"valeur": null}}}'), "ne donne pas de quotient familial"),
        ((200, '{"data": {"quotient_familial": {"valeur": 99999}}}'), "ne peut pas être enregistrée telle quelle"),
        ((200, '{"data": {"quotient_familial": {"valeur": -3}}}'), "ne peut pas être enregistrée telle quelle"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_each_refusal_is_said_and_writes_nothing(parent, fc, caf, answer, said):
    caf.canned = answer
    page = comes(parent, fc)

    assert said in page
    assert "Rien n’a été enregistré." in page
    assert recorded(parent) == []


def test_a_token_that_is_over_is_refused_over_there(parent, fc, caf):
    caf.heard.clear()
    url = parent.post(parent.at)["Location"]
    back = fc.come_back_as(url, "elena").removeprefix("http://compte.localhost")
    original = fc.provider.introspect
    fc.provider.introspect = lambda token: (setattr(fc.clock, "ahead", 61), original(token))[1]
    parent.get(back)

    assert "n’a pas l’autorisation" in words(parent.get(parent.at))
    assert recorded(parent) == []


def test_an_authority_without_a_siret_asks_nothing(parent, fc, caf):
    with permitted("factory"):
        type(parent.town).objects.filter(pk=parent.town.pk).update(siret="")

    assert "n’a pas l’autorisation" in comes(parent, fc)
    assert caf.heard == []


def test_the_family_of_others_is_not_there(parent):
    other = make_family(parent.town, "Vasseur")

    assert parent.get("/compte/quotient/", {"famille": other.public_id}).status_code == 404
    assert parent.post("/compte/quotient/", {"famille": other.public_id}).status_code == 404


def test_who_has_several_families_says_which_and_who_has_one_does_not(parent):
    assert "Récupérer mon quotient" in words(parent.get("/compte/quotient/"))
    make_family(make_authority("JolieVille"), "Sanchez", user=parent.user)
    page = words(parent.get("/compte/quotient/"))

    assert "Pour quelle famille ?" in page
    assert "Famille Sanchez, JolieVille" in page


def test_who_lost_the_family_meanwhile_records_nothing(parent, fc, caf):
    url = parent.post(parent.at)["Location"]
    with permitted("factory"), tenancy.scope({parent.town.pk}):
        parent.family.memberships.all().delete()
    response = parent.get(fc.come_back_as(url, "elena").removeprefix("http://compte.localhost"))

    assert (response.status_code, caf.heard) == (404, [])


def test_it_is_not_there_when_it_is_not_plugged(parent, settings):
    settings.QUOTIENT_BY_FRANCECONNECT = None

    assert parent.get(parent.at).status_code == 404


class TestTheProfile:
    def test_it_leads_there_when_it_is_plugged(self, parent, family_site, settings):
        family_site.force_login(parent.user)
        url = f"http://compte.localhost{parent.at}"
        profile = f"/{parent.town.slug}/profil/"

        assert url in family_site.get(profile).content.decode()
        settings.QUOTIENT_BY_FRANCECONNECT = None
        assert "Récupérer mon quotient" not in family_site.get(profile).content.decode()
