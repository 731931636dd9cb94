"""« Retirer l'accès » on a family's page: seen before it is done, said afterwards, given back; and who may know why."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.domain.families.models import AccessRemoval, Family, Guardian, Membership
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.factories.joining import make_code, make_guardian, make_join_request
from tests.web.account.people import browser
from tests.web.office.conftest import signed_in
from tests.web.office.test_day import body

pytestmark = [pytest.mark.django_db]
WHY = {"kind": "court_order", "words": "Ordonnance du 12 novembre", "is_sure": "on"}


@pytest.fixture
def maria(office):
    with permitted("test"), tenancy.scope({office.authority.pk}):
        found = Guardian.objects.get(family=office.family)
        found.email, found.phone = "maria@exemple.fr", "06 11 22 33 44"
        found.save()
        Family.objects.filter(pk=office.family.pk).update(email="maria@exemple.fr")
    return found


def url(office, guardian, more=""):
    return office.at(f"familles/{office.family.public_id}/responsables/{guardian.public_id}/acces/{more}")


def family_page(office, client=None):
    return body((client or office.client).get(office.at(f"familles/{office.family.public_id}/")))


def count(model, **where):
    with tenancy.every_authority():
        return model.objects.filter(**where).count()


def test_it_says_what_it_would_do_then_does_it_and_says_so(office, maria):
    assert "Retirer l’accès de Maria" in family_page(office)

    preview = body(office.client.get(url(office, maria)))
    for said in (
        "ne voit plus la famille Sanchez-Cordoves, sur aucun site ni dans son agenda",
        "Plus personne n’aura de compte pour cette famille",
        "Aujourd’hui : maria@exemple.fr. Vide pour l’effacer",
    ):
        assert said in preview

    assert office.client.post(url(office, maria), {**WHY, "email": "foyer@exemple.fr"}).status_code == 303

    page = family_page(office)
    assert "Maria Sanchez-Cordoves n’a plus accès à ce dossier" in page
    assert "Accès retiré" in page
    assert "Ordonnance" not in page
    assert "Voir le site à sa place" not in page
    told = body(office.client.get(url(office, maria)))
    assert "Décision de justice" in told
    assert "Ordonnance du 12 novembre" in told
    assert count(Membership) == 0
    assert count(Family, email="foyer@exemple.fr") == 1
    # Twice does nothing more.
    assert office.client.post(url(office, maria), WHY).status_code == 303
    assert count(AccessRemoval) == 1


def test_another_file_of_the_child_where_she_is_too_is_said_before(office, maria, in_scope):
    in_scope(office.authority)
    child = town.make_child(office.family, "Lucia")
    own, other = town.make_family(office.authority, "Sanchez"), town.make_family(office.authority, "Roy")
    with permitted("test"):
        for home in (own, other):
            child.custodies.create(authority=office.authority, family=home, starts_on=date(2026, 9, 1))

    said = body(office.client.get(url(office, maria)))

    # The other parent of that name is another person: of the Roy, nothing is said.
    assert f"Cette personne est aussi dans le dossier Sanchez ({own.code}), où vit un des enfants" in said
    assert f"({other.code})" not in said


def test_what_is_missing_or_hers_again_is_said_and_what_was_typed_is_kept(office, maria):
    answer = office.client.post(url(office, maria), {"words": "Ordonnance", "email": "MARIA@exemple.fr"})

    assert answer.status_code == 422
    said = body(answer)
    for words in ("Choisissez un motif", "Cochez cette case", "C’est encore une coordonnée de cette personne"):
        assert words in said
    assert "Ordonnance" in said
    assert (count(AccessRemoval), count(Membership)) == (0, 1)


def test_it_is_given_back_in_one_act(office, maria):
    office.client.post(url(office, maria), WHY)

    assert office.client.post(url(office, maria, "rendre/")).status_code == 303

    assert "a de nouveau accès à ce dossier" in family_page(office)
    assert count(Membership) == 1
    assert office.client.post(url(office, maria, "rendre/")).status_code == 303
    assert "déjà rendu" in family_page(office)


def test_who_sees_a_part_of_the_families_sees_that_it_is_so_and_not_why(office, maria):
    child = town.make_child(office.family, products=(office.meal,))
    assert child
    office.client.post(url(office, maria), WHY)
    with permitted("test"), tenancy.scope({office.authority.pk}):
        part = town.make_agent(office.authority, "Partielle", "manage_reservations")
        part.grants.update(service_code="cantine")

    for agent in (part, town.make_agent(office.authority, "Lectrice", "read_families")):
        client = signed_in(agent)
        page = family_page(office, client)
        assert "Accès retiré" in page
        assert "voir ou rendre" not in page
        assert client.get(url(office, maria)).status_code == 403
        assert client.post(url(office, maria, "rendre/")).status_code == 403


def test_an_agent_who_reads_a_request_is_told_and_cannot_attach_her(office, maria):
    with tenancy.every_authority():
        user = Membership.objects.get().user
    office.client.post(url(office, maria), WHY)
    asked = make_join_request(office.authority, user)
    page = office.at(f"familles/acces/demandes/{asked.public_id}/")

    shown = office.client.get(page, {"dossier": office.family.code})
    assert "L’accès de Maria Sanchez-Cordoves, qui a ce compte, cette adresse" in body(shown)
    answer = office.client.post(
        f"{page}accepter/",
        {"chosen": f"guardian.{maria.public_id}", "dossier": office.family.code},
    )
    assert answer.status_code == 409
    assert "rendez-le d’abord" in body(answer)


@pytest.mark.urls("marelle.config.urls_account")
def test_she_is_told_in_one_calm_sentence_whatever_way_she_tries(office, maria):
    with tenancy.every_authority():
        user = Membership.objects.get().user
    other = make_guardian(office.authority, "Paul", family=office.family)
    code = make_code(other).code
    office.client.post(url(office, maria), WHY)
    site = browser("compte")
    site.force_login(user)

    answer = site.post("/compte/rejoindre/", {"code": code})

    assert answer.status_code == 422
    assert "Votre accès à ce dossier a été retiré par la mairie." in body(answer)
    assert count(Membership) == 0
