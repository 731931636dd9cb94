"""What leaves the house: said well, to the right person, once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.catalog.models import Slot
from marelle.domain.reservations.models import (
    CancellationRequest,
    Confirmation,
    FreedPlace,
    PlaceOffer,
    Reservation,
    WaitingListEntry,
)
from marelle.foundation.writes import permitted
from marelle.jobs import tasks
from marelle.letters import sending
from marelle.letters.models import Letter
from tests.factories.town import (
    DAY_BEFORE_AT_NINE,
    make_authority,
    make_child,
    make_family,
    make_product,
    make_reservation,
    make_service,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DAYS = (date(2026, 11, 26), date(2026, 11, 27), date(2026, 12, 1))


@pytest.fixture
def town(in_scope):
    authority = make_authority("Dammartin-sur-Tigeaux")
    in_scope(authority)
    return authority


@pytest.fixture
def user():
    return make_user("elena@exemple.fr")


@pytest.fixture
def family(town, user):
    return make_family(town, user=user)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def confirmed(family, user, lines) -> Confirmation:
    with permitted("factory"):
        return Confirmation.objects.create(
            authority_id=family.authority_id,
            user=user,
            family=family,
            basket_key=f"panier-{user.pk if user else 0}",
            number="R-2026-ABCD1234",
            confirmed_at=NOW,
            lines=lines,
        )


def line(child, product, day, outcome="reserved", cents=310) -> dict:
    return {"child": child.pk, "product": product.pk, "date": day.isoformat(), "outcome": outcome, "cents": cents}


def test_the_letter_of_a_basket_lists_what_is_recorded_held_asked_and_given_back(town, family, user):
    meals = make_product(town)
    prepaid = make_product(
        town, name="Journée", noun="journée", plural="journées", service=make_service(town, payment_mode="prepaid")
    )
    child = make_child(family, products=(meals, prepaid))
    lines = [line(child, meals, day) for day in DAYS]
    lines += [line(child, prepaid, date(2026, 12, 2), "held", 1200), line(child, meals, date(2026, 12, 3), "asked")]
    lines += [line(child, prepaid, date(2026, 12, 9), "given_back")]
    row = confirmed(family, user, lines)
    held_until = datetime(2026, 11, 26, 16, 0, tzinfo=UTC)
    make_reservation(
        child, prepaid, date(2026, 12, 2), family=family, state="held", held_until=held_until, confirmation=row
    )
    tasks.basket_confirmed(authority=town.pk, confirmation=row.pk)
    (letter,) = mail.outbox
    assert letter.to == ["elena@exemple.fr"]
    text = plain(letter.body)
    for said in (
        "le lundi 23 novembre, 8 h",
        "R-2026-ABCD1234",
        "Lucia, 3 repas : jeu. 26, ven. 27 nov. et mar. 1ᵉʳ déc. (9,30 €)",
        "Places gardées jusqu’au jeudi 26 novembre, 17 h",
        "Lucia, 1 journée : mer. 2 déc. (12,00 €)",
        "Annulations demandées",
        "La mairie doit répondre",
        "Places rendues",
        f"http://famille.localhost/{town.slug}/reservations/",
        "01 64 04 30 10",
    ):
        assert said in text, said
    assert plain(letter.subject) == (
        "Réservations enregistrées, places gardées, annulations demandées et places rendues (R-2026-ABCD1234)"
    )
    (html, kind) = letter.alternatives[0]
    assert kind == "text/html"
    assert "<li>Lucia, 3 repas" in plain(html)
    assert "style" not in html


def test_a_second_run_of_the_task_sends_nothing_twice(town, family, user):
    meals = make_product(town)
    row = confirmed(family, user, [line(make_child(family, products=(meals,)), meals, DAYS[0])])
    for _ in range(3):
        tasks.basket_confirmed(authority=town.pk, confirmation=row.pk)
    assert len(mail.outbox) == 1
    letter = Letter.objects.get()
    assert (letter.state, letter.sent_at, letter.reader_id) == ("sent", NOW, user.pk)
    assert letter.public_id in mail.outbox[0].extra_headers["Message-ID"]


def test_a_mail_server_that_is_down_is_tried_again_later(town, family, user, monkeypatch):
    def down(self):
        raise SMTPServerDisconnected("elena@exemple.fr")

    meals = make_product(town)
    row = confirmed(family, user, [line(make_child(family, products=(meals,)), meals, DAYS[0])])
    with monkeypatch.context() as broken:
        broken.setattr(sending.EmailMultiAlternatives, "send", down)
        with pytest.raises(sending.UnableToSendError) as failure:
            tasks.basket_confirmed(authority=town.pk, confirmation=row.pk)
    assert "elena" not in str(failure.value)
    letter = Letter.objects.get()
    assert (letter.state, letter.failures, letter.last_failure) == ("failed", 1, "SMTPServerDisconnected")
    tasks.basket_confirmed(authority=town.pk, confirmation=row.pk)
    letter.refresh_from_db()
    assert (letter.state, len(mail.outbox)) == ("sent", 1)


def decided(reservation, **fields) -> CancellationRequest:
    with permitted("factory"):
        return CancellationRequest.objects.create(
            authority_id=reservation.authority_id,
            reservation=reservation,
            asked_at=NOW - timedelta(days=1),
            decided_at=NOW,
            **fields,
        )


@pytest.mark.parametrize(
    ("fields", "subject", "said"),
    [
        ({"state": "accepted", "is_refunded": True}, "Annulation acceptée : repas du jeudi 26 novembre", "remboursé"),
        ({"state": "accepted", "is_refunded": False}, "Annulation acceptée", "ce jour reste facturé"),
        ({"state": "refused", "reason": "Trop tard."}, "Annulation refusée", "« Trop tard. »"),
    ],
)
def test_the_answer_to_a_cancellation_goes_to_the_family(town, family, fields, subject, said):
    meals = make_product(town)
    child = make_child(family, products=(meals,))
    row = decided(make_reservation(child, meals, DAYS[0], family=family), **fields)
    tasks.cancellation_decided(authority=town.pk, request=row.pk)
    (letter,) = mail.outbox
    assert subject in plain(letter.subject)
    assert said in plain(letter.body)
    assert "Lucia, repas, jeudi 26 novembre" in plain(letter.body)


def test_held_places_confirmed_and_released(town, family):
    meals = make_product(town)
    child = make_child(family, products=(meals,))
    row = make_reservation(child, meals, DAYS[0], family=family)
    tasks.held_place_confirmed(authority=town.pk, reservation=row.pk)
    with permitted("factory"):
        Reservation.objects.filter(pk=row.pk).update(state="cancelled", reason="non réglée à temps")
    tasks.held_place_released(authority=town.pk, reservation=row.pk)
    confirmed_letter, released = mail.outbox
    assert "définitive" in confirmed_letter.body
    assert "non réglée à temps" in released.body


def waiting(child, product, day, rank) -> WaitingListEntry:
    slot = Slot.objects.get(activity=product.activity, date=day)
    with permitted("factory"):
        return WaitingListEntry.objects.create(
            authority_id=child.authority_id,
            child=child,
            family=child.custodies.get().family,
            product=product,
            date=day,
            slot=slot,
            asked_at=NOW - timedelta(days=30 - rank),
        )


def run_jobs(name: str) -> int:
    """Do the jobs of this name that the outbox holds, as the worker would."""
    jobs = list(ProcrastinateJob.objects.filter(task_name=name))
    for job in jobs:
        app.tasks[name](**job.args)
    return len(jobs)


def test_who_waits_is_offered_a_place_with_the_moment_until_which_it_is_kept_unless_it_is_over(town, family):
    product = make_product(town, capacity=1)
    entry = waiting(make_child(family, products=(product,)), product, DAYS[1], 1)
    tasks.places_freed(authority=town.pk, slots=[entry.slot_id])
    for _ in range(2):
        assert run_jobs("letters.place_offered") == 1
    (letter,) = mail.outbox
    assert plain(letter.subject) == "Une place vous est proposée : repas du vendredi 27 novembre"
    assert "Elle est gardée pour vous jusqu’au mardi 24 novembre" in plain(letter.body)
    assert f"/{town.slug}/attentes/" in letter.body
    tasks.follow_payments(timestamp=0)
    assert Reservation.objects.get(child=entry.child).state == "held"


def test_each_offer_of_a_place_let_go_is_written_once_and_so_is_its_end(town, family):
    product = make_product(town)
    entry = waiting(make_child(family, products=(product,)), product, DAYS[1], 1)
    other = make_family(town, "Benali")
    theirs = make_reservation(make_child(other, "Ana", products=(product,)), product, DAYS[1], family=other)
    with permitted("factory"):
        freed = FreedPlace.objects.create(authority=town, reservation=theirs, freed_at=NOW)
    fields = {"authority": town, "entry": entry, "freed": freed, "expires_at": NOW + timedelta(hours=1)}
    for _turn in range(2):
        with permitted("factory"):
            PlaceOffer.objects.update(state="withdrawn", answered_at=NOW)
            made = PlaceOffer.objects.create(**fields, offered_at=NOW)
        for _ in range(2):
            tasks.place_offered(authority=town.pk, offer=made.pk)
    for _ in range(2):
        tasks.offer_expired(authority=town.pk, offer=made.pk)
    assert [plain(one.subject) for one in mail.outbox] == [
        *["Une place vous est proposée : repas du vendredi 27 novembre"] * 2,
        "Proposition terminée : repas du vendredi 27 novembre",
    ]
    assert "faute de réponse" in plain(mail.outbox[2].body)


def test_the_first_who_waits_is_told_that_a_place_is_free_and_told_once(town):
    product = make_product(town, capacity=1, rules={**DAY_BEFORE_AT_NINE, "waiting_list": {"gives": "word"}})
    families = [make_family(town, name) for name in ("Benali", "Garnier")]
    children = [make_child(one, f"Enfant{rank}", products=(product,)) for rank, one in enumerate(families)]
    first, second = (waiting(child, product, DAYS[1], rank) for rank, child in enumerate(children))
    for _ in range(2):
        tasks.places_freed(authority=town.pk, slots=[first.slot_id])
    # The first was told, once; the only place is still free, so the second is told at the second freeing.
    assert run_jobs("letters.place_freed") == 2
    assert [plain(one.subject) for one in mail.outbox] == [
        "Une place s’est libérée : repas du vendredi 27 novembre"
    ] * 2
    body = plain(mail.outbox[0].body)
    assert "Enfant0" in body
    assert "n’est pas gardée" in body
    assert f"enfant={children[0].public_id}" in body
    run_jobs("letters.place_freed")
    assert len(mail.outbox) == 2
    second.refresh_from_db()
    assert second.told_at == NOW


def test_nobody_is_told_of_a_day_that_can_no_longer_be_reserved(town, family):
    product = make_product(town)
    entry = waiting(make_child(family, products=(product,)), product, date(2026, 11, 23), 1)
    tasks.places_freed(authority=town.pk, slots=[entry.slot_id])
    assert not ProcrastinateJob.objects.filter(task_name="letters.place_freed").exists()


def test_who_left_the_list_meanwhile_is_not_written_to(town, family):
    product = make_product(town)
    entry = waiting(make_child(family, products=(product,)), product, DAYS[1], 1)
    with permitted("factory"):
        WaitingListEntry.objects.filter(pk=entry.pk).update(left_at=NOW)
    tasks.place_freed(authority=town.pk, entry=entry.pk)
    assert not mail.outbox


def test_places_held_too_long_are_given_back_by_the_clock(town, family):
    product = make_product(town)
    child = make_child(family, products=(product,))
    row = make_reservation(child, product, DAYS[1], family=family, state="held", held_until=NOW - timedelta(minutes=1))
    kept = make_reservation(child, product, DAYS[2], family=family, state="held", held_until=NOW + timedelta(minutes=1))
    tasks.follow_payments(timestamp=0)
    row.refresh_from_db()
    kept.refresh_from_db()
    assert (row.state, kept.state) == ("cancelled", "held")
    assert run_jobs("letters.held_place_released") == 1
    assert len(mail.outbox) == 1


def test_a_family_without_account_is_written_at_its_own_address(town, family, user):
    product = make_product(town)
    row = make_reservation(make_child(family, products=(product,)), product, DAYS[0], family=family)
    with permitted("factory"):
        family.memberships.all().delete()
        family.email = "foyer@exemple.fr"
        family.save()
    for _ in range(2):
        tasks.held_place_confirmed(authority=town.pk, reservation=row.pk)
    assert [letter.to for letter in mail.outbox] == [["foyer@exemple.fr"]]


def test_a_reader_with_two_families_there_is_led_to_the_one_it_is_about(town, family, user):
    second = make_family(town, "Abadie", user=user)
    make_family(make_authority("JolieVille"), "Sanchez-Cordoves", user=make_user("paul@exemple.fr"))
    reserved = make_reservation(make_child(second), make_product(town), DAYS[0], family=second)

    tasks.reserved_for_family(authority=town.pk, reservation=reserved.pk)

    (letter,) = mail.outbox
    addresses = re.findall(r"http://\S+", letter.body)
    assert addresses
    assert all(one.startswith(f"http://famille.localhost/f-{second.public_id}/{town.slug}/") for one in addresses)
    assert addresses[0] in letter.alternatives[0].content


def test_every_task_that_the_domain_posts_is_registered():
    posted = {
        "letters.basket_confirmed",
        "letters.cancellation_decided",
        "letters.held_place_confirmed",
        "letters.held_place_released",
        "letters.place_freed",
        "letters.place_offered",
        "letters.offer_expired",
        "reservations.place_let_go",
        "reservations.places_freed",
        "payments.follow",
        "payments.reconcile",
    }
    assert posted <= set(app.tasks)
