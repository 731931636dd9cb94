"""An agent declares an event: what it would do is shown, one act does it, one undoes it; within what she may touch."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.news.models import FamilyMessage
from marelle.domain.reservations.models import Disruption, Reservation
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_class,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_service,
)
from tests.web.office.conftest import THURSDAY, signed_in

pytestmark = pytest.mark.urls("marelle.config.urls_office")
STRIKE = {"kind": "strike", "title": "", "starts_on": "2026-11-26", "ends_on": ""}
DONE = {"effect": "cancel", "channels": "email", "words": "Prévoyez un repas."}


def words(answer):
    page = BeautifulSoup(answer.content, "html.parser")
    return " ".join(page.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture
def eaters(office):
    office.evening = make_product(
        office.authority, name="Soir", service=make_service(office.authority, "Garderie"), facility=office.school
    )
    office.lucia = make_child(office.family, "Lucia", products=(office.meal, office.evening), school_class=office.ce2)
    for product in (office.meal, office.evening):
        make_reservation(office.lucia, product, THURSDAY, family=office.family, price_cents=385)
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        office.family.guardians.update(phone="06 12 34 56 78")
    return office


def only(office):
    with tenancy.scope({office.authority.pk}):
        return Disruption.objects.get()


def states(office):
    with tenancy.scope({office.authority.pk}):
        return list(Reservation.objects.order_by("pk").values_list("state", flat=True))


def test_it_is_shown_done_read_and_undone(eaters):
    client, at = eaters.client, eaters.at
    assert "Aucun événement." in words(client.get(at("evenements/")))
    seen = words(client.get(at("evenements/declarer/"), {**STRIKE, "services": "cantine"}))
    assert "Grève Jeudi 26 novembre 2026" in seen
    assert "1 enfant , 1 famille, 1 réservation." in seen
    assert "Ces réservations valent 3,85 €." in seen
    assert "1 enfant garde une autre réservation" in seen
    assert "Soir (École des Tilleuls)" in seen
    assert states(eaters) == ["reserved", "reserved"]

    done = client.post(at("evenements/declarer/faire/"), {**STRIKE, "services": "cantine", **DONE}, follow=True)
    row = only(eaters)
    assert done.redirect_chain[-1][0] == at(f"evenements/{row.public_id}/")
    said = words(done)
    assert "C’est fait : les réservations sont annulées." in said
    assert "Lucia Sanchez-Cordoves CE2 Jeudi 26 novembre : Soir (École des Tilleuls)" in said
    assert "06 12 34 56 78" in said
    assert "Grève, le jeudi 26 novembre : 1 famille" in said
    assert states(eaters) == ["cancelled", "reserved"]

    day = words(client.get(at("journee/2026-11-26/")))
    assert "Fermé : Grève" in day
    assert "places libres" in day, "of the evening, which the strike leaves open"
    meals = words(client.get(at("journee/2026-11-26/"), {"service": "cantine"}))
    assert "Un événement ferme ce jour : personne ne peut réserver." in meals

    again = client.post(at("evenements/declarer/faire/"), {**STRIKE, "services": "cantine", **DONE}, follow=True)
    assert "Cet événement est déjà déclaré : le voici." in words(again)
    undone = words(client.post(at(f"evenements/{row.public_id}/defaire/"), follow=True))
    assert "Événement défait. 1 réservation est comme avant." in undone
    assert states(eaters) == ["reserved", "reserved"]
    twice = words(client.post(at(f"evenements/{row.public_id}/defaire/"), follow=True))
    assert "ne peut plus être défait" in twice
    with tenancy.scope({eaters.authority.pk}):
        assert FamilyMessage.objects.count() == 2


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"kind": "comet"}, "Choisissez"),
        ({"starts_on": "hier"}, "jour"),
        ({"ends_on": "2026-11-20"}, "Le dernier jour vient avant le premier."),
        ({"starts_on": "2024-01-08"}, "au plus tard un mois après"),
        ({"services": "piscine"}, "Ce choix n’existe plus"),
        ({"effect": "boum"}, "Choisissez"),
        ({"words": "Pour {enfant}"}, "{enfant} n’existe pas"),
    ],
)
def test_what_cannot_be_is_said_what_was_typed_is_kept_and_nothing_is_written(eaters, said, sentence):
    answer = eaters.client.post(
        eaters.at("evenements/declarer/faire/"), {**STRIKE, **DONE, "title": "La neige", **said}
    )
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "La neige" in answer.content.decode()
    assert states(eaters) == ["reserved", "reserved"]


def test_an_agent_of_one_service_touches_hers_alone(eaters):
    with permitted("factory"), tenancy.scope({eaters.authority.pk}):
        agent = make_agent(eaters.authority, "Paul", "manage_reservations")
        Grant.objects.filter(agent=agent).update(service_code="cantine")
    client = signed_in(agent)
    client.post(eaters.at("evenements/declarer/faire/"), {**STRIKE, **DONE})
    assert states(eaters) == ["cancelled", "reserved"]
    said = words(client.get(eaters.at(f"evenements/{only(eaters).public_id}/")))
    assert "Soir" not in said
    assert "06 12 34 56 78" not in said
    # One that is of other services too is read, not undone.
    eaters.client.post(eaters.at("evenements/declarer/faire/"), {**STRIKE, **DONE, "title": "Tout", "kind": "snow"})
    with tenancy.scope({eaters.authority.pk}):
        whole = Disruption.objects.get(kind="snow")
    assert client.get(eaters.at(f"evenements/{whole.public_id}/")).status_code == 200
    assert client.post(eaters.at(f"evenements/{whole.public_id}/defaire/")).status_code == 403
    other = make_authority("Ailleurs")
    stranger = signed_in(make_agent(other))
    assert stranger.get(f"/{other.slug}/evenements/{whole.public_id}/").status_code == 404


def test_many_children_ask_as_few_questions_as_one(eaters):
    def asked():
        with CaptureQueriesContext(connection) as found:
            eaters.client.get(eaters.at("evenements/declarer/"), {**STRIKE, "services": "cantine"})
        return len(found)

    def looked(row):
        with CaptureQueriesContext(connection) as found:
            eaters.client.get(eaters.at(f"evenements/{row.public_id}/"))
        return len(found)

    few = asked()
    other = make_class(make_facility(eaters.authority, "École du Bac"), "CM2")
    for number in range(12):
        family = make_family(eaters.authority, f"Famille {number}")
        child = make_child(family, products=(eaters.meal, eaters.evening), school_class=other)
        make_reservation(child, eaters.meal, THURSDAY, family=family)
        make_reservation(child, eaters.evening, THURSDAY, family=family)
    assert asked() <= few + 2  # the classes and the places are now several: they are asked
    eaters.client.post(eaters.at("evenements/declarer/faire/"), {**STRIKE, "services": "cantine", **DONE})
    row = only(eaters)
    looked(row)  # what the act had to say is read
    many = looked(row)
    with permitted("factory"), tenancy.scope({eaters.authority.pk}):
        row.lines.exclude(reservation__child=eaters.lucia).delete()
    assert looked(row) == many
