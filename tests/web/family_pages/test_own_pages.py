"""Mes factures, Mes demandes, the profile."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from bs4 import BeautifulSoup

from marelle.domain.billing.models import PayerAccount
from marelle.domain.families.models import Family, Guardian
from marelle.domain.families.operations.quotients import record_quotient
from marelle.domain.reservations.models import CancellationRequest
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.letters.models import Letter
from tests.factories.invoices import make_regie, payer_of
from tests.factories.town import (
    make_authority,
    make_child,
    make_class,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_service,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def town():
    return make_authority("Dammartin-sur-Tigeaux")


@pytest.fixture
def family(family_site, town):
    user = make_user("elena@exemple.fr")
    family_site.force_login(user)
    return make_family(town, user=user)


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def ask(reservation, **fields) -> CancellationRequest:
    values = {"asked_at": datetime(2026, 11, 20, 8, 25, tzinfo=UTC), **fields}
    with permitted("factory"), tenancy.scope({reservation.authority_id}):
        return CancellationRequest.objects.create(
            authority_id=reservation.authority_id, reservation=reservation, **values
        )


@pytest.mark.parametrize("page", ["factures", "demandes", "profil", "profil/responsables", "profil/enfants"])
def test_the_pages_of_another_town_are_not_found(family_site, family, page):
    elsewhere = make_authority("JolieVille")
    assert family_site.get(f"/{elsewhere.slug}/{page}/").status_code == 404


def test_the_invoices_say_what_is_not_open_and_how_to_pay(family_site, family, town):
    make_service(town, "Cantine")
    make_service(town, "Mercredis", payment_mode="prepaid", hold_hours=48, phone="01 64 00 00 13")
    text = text_of(family_site.get(f"/{town.slug}/factures/"))
    assert "Dammartin-sur-Tigeaux n’a pas rejoint le service des factures en ligne." in text
    assert "gardées 48 heures" in text
    assert "01 64 00 00 13" in text
    assert town.phone in text


def test_the_cancellations_asked_and_their_answers(family_site, family, town):
    product = make_product(town)
    child = make_child(family, products=(product,))
    days = [date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30)]
    first, second, third = (make_reservation(child, product, day, family=family) for day in days)
    decided = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
    ask(first, words="Chez le médecin")
    accepted = ask(second, state="accepted", decided_at=decided, is_refunded=True)
    ask(third, state="refused", decided_at=decided, reason="Le délai était lundi, 9 h.", is_refunded=False)
    with permitted("factory"), tenancy.scope({town.pk}):
        Letter.objects.create(
            authority=town,
            kind="cancellation_decided",
            object_key=accepted.pk,
            family=family,
            state="sent",
            queued_at=decided,
            sent_at=decided,
        )
    text = text_of(family_site.get(f"/{town.slug}/demandes/")).replace("\N{NO-BREAK SPACE}", " ")
    for said in (
        "Lucia, repas, jeudi 26 novembre",
        "Demandée le vendredi 20 novembre, 9 h 25.",
        "Chez le médecin",
        "En attente",
        "Acceptée",
        "il vous sera remboursé",
        "Courriel envoyé le vendredi 20 novembre, 14 h 05.",
        "Refusée",
        "Le délai était lundi, 9 h.",
        "La réservation est maintenue",
    ):
        assert said in text


def test_a_letter_to_both_parents_is_shown_once(family_site, family, town):
    parents = [make_user(), make_user()]
    left = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
    said = {"kind": "invoice_issued", "object_key": 1, "subject": "Facture : octobre"}
    with permitted("factory"), tenancy.scope({town.pk}):
        for parent in parents:
            Letter.objects.create(
                authority=town, family=family, reader=parent, state="sent", queued_at=left, sent_at=left, **said
            )

    assert text_of(family_site.get(f"/{town.slug}/demandes/")).count("Facture : octobre") == 1


def test_the_requests_of_another_family_are_not_shown(family_site, family, town):
    other = make_family(town, "Benali")
    product = make_product(town)
    child = make_child(other, "Inès", products=(product,))
    ask(make_reservation(child, product, date(2026, 11, 26), family=other))
    text = text_of(family_site.get(f"/{town.slug}/demandes/"))
    assert "Inès" not in text
    assert "Aucune demande." in text


def test_the_requests_page_takes_as_many_statements_for_many(family_site, family, town, django_assert_max_num_queries):
    product = make_product(town, slot_days=None)
    child = make_child(family, products=(product,))
    for day in range(1, 29):
        ask(make_reservation(child, product, date(2026, 12, day), family=family))
    with django_assert_max_num_queries(11):
        text = text_of(family_site.get(f"/{town.slug}/demandes/"))
    assert "Plus anciennes" in text


def test_the_family_changes_its_contact_details(family_site, family, town):
    path = f"/{town.slug}/profil/"
    response = family_site.post(path, {"email": "Foyer@Exemple.fr", "phone": "+33 6 12.34-56 78", "name": "Pirate"})
    assert response["Location"] == path
    with tenancy.scope({town.pk}):
        row = Family.objects.get(pk=family.pk)
    assert (row.email, row.phone, row.name) == ("foyer@exemple.fr", "06 12 34 56 78", family.name)
    entry = AuditEntry.objects.get(verb="change_profile")
    assert (entry.object_type, entry.object_key) == ("family", family.pk)
    assert "06 12" not in str(entry.details)
    assert "C’est enregistré." in text_of(family_site.get(path))


def test_the_same_details_again_write_nothing(family_site, family, town):
    for _ in range(2):
        family_site.post(f"/{town.slug}/profil/", {"email": "", "phone": "01 64 00 00 00"})
    assert AuditEntry.objects.filter(verb="change_profile").count() == 1


@pytest.mark.parametrize(("email", "phone"), [("pas une adresse", ""), ("", "12"), ("", "06" * 40), ("", "<script>")])
def test_what_cannot_be_details_is_refused_beside_the_field(family_site, family, town, email, phone):
    response = family_site.post(f"/{town.slug}/profil/", {"email": email, "phone": phone})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert not AuditEntry.objects.filter(verb="change_profile").exists()


def test_a_guardian_changes_her_own_details_and_no_others(family_site, family, town):
    with permitted("factory"), tenancy.scope({town.pk}):
        other = Guardian.objects.create(
            authority=town, family=family, first_name="David", last_name="Sanchez", phone="06 00 00 00 00"
        )
    path = f"/{town.slug}/profil/responsables/"
    family_site.post(path, {"email": "", "phone": "0600000001", "guardian": other.public_id})
    with tenancy.scope({town.pk}):
        assert Guardian.objects.get(pk=other.pk).phone == "06 00 00 00 00"
        assert Guardian.objects.get(family=family, first_name="Maria").phone == "06 00 00 00 01"
    assert "David" in text_of(family_site.get(path))


def test_the_children_with_class_and_health(family_site, family, town):
    school = make_facility(town, "École des Tilleuls")
    make_child(family, "Lucia", school_class=make_class(school, "CE2"), allergies="Arachide", diet="Sans porc")
    make_child(family, "Mateo", birth_date=date(2020, 10, 22))
    text = text_of(family_site.get(f"/{town.slug}/profil/enfants/"))
    for said in ("09/04/2017", "CE2, École des Tilleuls", "Arachide", "Sans porc", "Aucune allergie signalée"):
        assert said in text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (None, ["Non renseigné"]),
        ({"source": "declared"}, ["742,50 depuis le 01/09/2026", "adressez-vous à la mairie"]),
        ({"source": "api", "provider": "MSA"}, ["à la MSA, par API Particulier", "pas de justificatif à fournir"]),
        ({"source": "api"}, ["à la CAF ou la MSA, par API Particulier"]),
    ],
    ids=["none", "declared", "given by the MSA", "given by one of them"],
)
def test_the_profile_says_which_quotient_counts_and_who_gave_it(family_site, family, town, said, words):
    if said is not None:
        moment = {"valid_from": date(2026, 9, 1), "by": SYSTEM, "at": datetime(2026, 9, 1, tzinfo=UTC)}
        with tenancy.scope({town.pk}):
            record_quotient(family, value_cents=742_50, **moment, **said)

    text = text_of(family_site.get(f"/{town.slug}/profil/"))

    assert [each for each in words if each not in text] == []


class TestHowInvoicesAreReceived:
    def test_nothing_is_asked_where_nothing_is_invoiced(self, family_site, family, town):
        assert "Vos factures" not in text_of(family_site.get(f"/{town.slug}/profil/"))

    def test_the_way_that_will_be_used_is_ticked_then_another_is_chosen_before_any_invoice(
        self, family_site, family, town
    ):
        regie = make_regie(town)
        page = BeautifulSoup(text_of(family_site.get(f"/{town.slug}/profil/")), "html.parser")
        assert [box["value"] for box in page.select("input[name=delivery][checked]")] == ["paper"], (
            "no address is known"
        )

        sent = {"regie": regie.code, "delivery": "email"}
        said = text_of(family_site.post(f"/{town.slug}/profil/factures/", sent, follow=True))

        assert "cela vaut pour vos prochaines factures" in said
        page = BeautifulSoup(said, "html.parser")
        assert [box["value"] for box in page.select("input[name=delivery][checked]")] == ["email"]
        with tenancy.scope({town.pk}):
            assert PayerAccount.objects.get(family=family, regie=regie).delivery == "email"
            assert AuditEntry.objects.filter(verb="choose_delivery").count() == 1

    def test_each_regie_has_its_own_and_the_other_home_keeps_its_way(self, family_site, family, town):
        first, second = make_regie(town, "Régie A"), make_regie(town, "Régie B")
        others = [payer_of(make_family(town, "L’autre foyer"), first), payer_of(family, second)]

        family_site.post(f"/{town.slug}/profil/factures/", {"regie": first.code, "delivery": "paper"})

        with tenancy.scope({town.pk}):
            assert PayerAccount.objects.get(family=family, regie=first).delivery == "paper"
            assert {one.delivery for one in PayerAccount.objects.filter(pk__in=[one.pk for one in others])} == {"email"}

    @pytest.mark.parametrize("delivery", ["", "pigeon"])
    def test_no_way_and_an_unknown_one_are_said_and_nothing_is_written(self, family_site, family, town, delivery):
        regie = make_regie(town)

        response = family_site.post(f"/{town.slug}/profil/factures/", {"regie": regie.code, "delivery": delivery})

        assert response.status_code == 422
        assert "Choisissez : par e-mail, ou sur papier." in response.content.decode()
        with tenancy.scope({town.pk}):
            assert not PayerAccount.objects.exists()

    @pytest.mark.parametrize("code", ["", "%s%d", "elsewhere"])
    def test_a_regie_that_is_not_of_the_town_is_said_and_nothing_is_written(self, family_site, family, town, code):
        make_regie(town)
        elsewhere = make_regie(make_authority("JolieVille"))
        sent = {"regie": elsewhere.code if code == "elsewhere" else code, "delivery": "paper"}

        response = family_site.post(f"/{town.slug}/profil/factures/", sent)

        assert response.status_code == 422
        assert "Cette régie n’est pas de votre commune" in response.content.decode()
        with tenancy.every_authority():
            assert not PayerAccount.objects.exists()


def test_the_profile_leads_to_the_other_towns(family_site, family, town):
    other = make_authority("JolieVille")
    with tenancy.every_authority():
        user = family.memberships.get().user
    make_family(other, user=user)
    text = text_of(family_site.get(f"/{town.slug}/profil/"))
    assert f'href="/{other.slug}/actualites/"' in text
    assert "Changer son mot de passe" in text
    assert "/compte/deconnexion/" in text
