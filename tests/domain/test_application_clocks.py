"""The clocks of applications through the real operations and the real tasks: midnights, pauses, warnings, letters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from marelle.domain.authorities.models import Authority
from marelle.domain.procedures.models import Application, AppliedEffect, SilenceWarning
from marelle.domain.procedures.operations.exchanging import write_message
from marelle.domain.procedures.operations.refusals import UnableToWriteError, WhyNot
from marelle.domain.procedures.operations.reviewing import assign, decide, request_changes, transfer
from marelle.domain.procedures.operations.submitting import (
    complete_application,
    submit_application,
    withdraw_application,
)
from marelle.domain.procedures.queries.acknowledging import appeal_day, decided_on
from marelle.domain.procedures.rules.states import Decision, State
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import permitted
from marelle.jobs import applications as jobs
from marelle.letters.models import Letter
from tests.domain.household import NOW, Household
from tests.factories.procedures import PICKUP, give_again, make_draft, make_procedure, make_service_in_charge
from tests.factories.town import make_agent, make_authority, make_child

pytestmark = pytest.mark.django_db
PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
REMEDIES = "Écrivez au maire, ou saisissez le tribunal administratif de Melun."
REFUSES = {"silence": "refuses", "remedies": REMEDIES}
ACCEPTS = {"silence": "accepts"}
PIECE = [{"code": "identity", "label": "Pièce d’identité", "kind": "identity", "is_required": False}]


def complete(sent, home, *, at):
    give_again(sent, at=at)
    return complete_application(sent, {}, by=home.by, at=at)


def paris(*when):
    return datetime(*when, tzinfo=PARIS)


@pytest.fixture
def town():
    authority = make_authority(address="1 place de la Mairie, 77163 Dammartin")
    with tenancy.scope({authority.pk}):
        yield authority


@pytest.fixture
def home(town):
    return Household(town)


@pytest.fixture
def agent(town):
    return make_agent(town, "Nadia Ferrand")


@pytest.fixture
def send_one(town, home):
    """Submit an application of a procedure that says this, at a moment."""

    def sent(*, at=NOW, given=(), **content):
        child = make_child(home.family, "Luca")
        procedure = make_procedure(town, f"demarche-{Application.objects.count()}", documents=PIECE, **content)
        answers = {
            "children": [child.public_id],
            "person.name": ["Jeanne Martin"],
            "person.phone": ["0612345678"],
            "starts_on": ["01/12/2026"],
            **dict(given),
        }
        return submit_application(make_draft(home.family, procedure, answers), by=home.by, at=at)

    return sent


def by(agent):
    return Actor(ActorKind.AGENT, agent.user_id)


def fresh(application):
    return Application.objects.select_related("version", "in_charge", "family", "assigned_to").get(pk=application.pk)


def ask(application, agent, *, at, due_on, codes=("identity",), words=""):
    return request_changes(
        application, words, codes=codes, due_on=due_on, expected=fresh(application).revision, by=by(agent), at=at
    )


def hour_comes(at):
    with clock.visiting(at):
        jobs.decide_every_silence(0)


def morning_comes(at):
    with clock.visiting(at):
        jobs.follow_applications(0)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def letters():
    """What left so far, in plain words: (subject, body), then nothing again."""
    found = [(plain(one.subject), plain(one.body)) for one in mail.outbox]
    mail.outbox.clear()
    return found


# ------------------------------------------------------------------------------------------------------ silence decides
def test_silence_accepts_at_the_midnight_that_ends_its_last_day_and_once(send_one):
    sent = send_one(**ACCEPTS)
    assert sent.silent_on == date(2027, 1, 23)

    hour_comes(paris(2027, 1, 23, 23, 59))
    assert fresh(sent).state == State.SUBMITTED

    for _twice in range(2):
        hour_comes(paris(2027, 1, 24, 0, 7))

    row = fresh(sent)
    assert row.state == State.IMPLICITLY_APPROVED
    assert row.decided_at == paris(2027, 1, 24, 0)
    assert decided_on(row, Authority.objects.get()) == date(2027, 1, 23)
    assert row.silent_on is None
    assert AppliedEffect.objects.filter(application=row).count() == 1


def test_silence_refuses_and_changes_nothing(send_one, town):
    sent = send_one(**REFUSES)

    hour_comes(paris(2027, 1, 24, 0, 7))

    row = fresh(sent)
    assert row.state == State.IMPLICITLY_REJECTED
    assert appeal_day(row, town) == date(2027, 3, 24)
    assert not AppliedEffect.objects.exists()


def test_what_asks_for_no_decision_is_never_decided_by_silence(send_one):
    sent = send_one(silence="decides_nothing", delay={"count": 10, "unit": "working_days"})
    assert sent.silent_on is None

    hour_comes(paris(2028, 1, 1, 8))

    assert fresh(sent).state == State.SUBMITTED


def test_a_worker_that_was_down_for_a_week_dates_the_decision_from_its_birth(send_one):
    sent = send_one(**ACCEPTS)

    hour_comes(paris(2027, 1, 31, 9))

    assert fresh(sent).decided_at == paris(2027, 1, 24, 0)


# The delay, when it is received, its last day, and the midnight in UTC at which silence decides.
MIDNIGHTS = {
    "two months, from the last of the year": (
        {"count": 2, "unit": "months"},
        paris(2026, 12, 31, 20),
        date(2027, 2, 28),
        datetime(2027, 2, 28, 23, tzinfo=UTC),
    ),
    "the eve of the night the clocks go forward": (
        {"count": 2, "unit": "months"},
        paris(2027, 1, 27, 8),
        date(2027, 3, 27),
        datetime(2027, 3, 27, 23, tzinfo=UTC),
    ),
    "the day they went forward, of 23 hours": (
        {"count": 2, "unit": "months"},
        paris(2027, 1, 28, 8),
        date(2027, 3, 28),
        datetime(2027, 3, 28, 22, tzinfo=UTC),
    ),
    "the day they go back, of 25 hours": (
        {"count": 11, "unit": "months"},
        paris(2026, 11, 30, 8),
        date(2027, 10, 30),
        datetime(2027, 10, 30, 22, tzinfo=UTC),
    ),
    "fifteen days": (
        {"count": 15, "unit": "days"},
        paris(2026, 11, 23, 23, 59),
        date(2026, 12, 8),
        datetime(2026, 12, 8, 23, tzinfo=UTC),
    ),
    "ten working days over Christmas": (
        {"count": 10, "unit": "working_days"},
        paris(2026, 12, 21, 8),
        date(2027, 1, 6),
        datetime(2027, 1, 6, 23, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize("silence", [ACCEPTS, REFUSES], ids=["accepts", "refuses"])
@pytest.mark.parametrize("name", MIDNIGHTS)
def test_each_delay_ends_at_its_own_midnight(send_one, silence, name):
    delay, received_at, last_day, midnight = MIDNIGHTS[name]
    sent = send_one(at=received_at, delay=delay, **silence)
    assert sent.silent_on == last_day

    hour_comes(midnight - timedelta(seconds=1))
    before = fresh(sent).state
    hour_comes(midnight)
    after = fresh(sent)

    assert before == State.SUBMITTED
    assert after.state in {State.IMPLICITLY_APPROVED, State.IMPLICITLY_REJECTED}
    assert after.decided_at == midnight


def test_the_midnight_is_that_of_the_authority(town, send_one):
    with permitted("factory"):
        Authority.objects.filter(pk=town.pk).update(timezone="Indian/Reunion", department="974")
    sent = send_one(at=datetime(2026, 11, 23, 20, 30, tzinfo=UTC), **ACCEPTS)  # half past midnight there
    assert sent.silent_on == date(2027, 1, 24)

    hour_comes(datetime(2027, 1, 24, 19, 59, tzinfo=UTC))
    assert fresh(sent).state == State.SUBMITTED
    hour_comes(datetime(2027, 1, 24, 20, 0, tzinfo=UTC))

    assert fresh(sent).state == State.IMPLICITLY_APPROVED
    assert fresh(sent).decided_at == datetime(2027, 1, 25, 0, tzinfo=REUNION)


# ------------------------------------------------------------------------------------------------- what stops the clock
def test_an_acceptance_waits_for_the_missing_pieces_and_is_counted_from_them(send_one, agent, home):
    sent = send_one(**ACCEPTS)
    ask(sent, agent, at=paris(2026, 11, 30, 10), due_on=date(2026, 12, 14))
    assert fresh(sent).silent_on is None

    hour_comes(paris(2027, 6, 1, 8))
    assert fresh(sent).state == State.INCOMPLETE

    complete(sent, home, at=paris(2027, 6, 10, 15))
    assert fresh(sent).silent_on == date(2027, 8, 10)


def test_a_refusal_is_suspended_while_pieces_are_awaited(send_one, agent, home):
    sent = send_one(**REFUSES)
    ask(sent, agent, at=paris(2026, 11, 30, 10), due_on=date(2026, 12, 14))
    assert fresh(sent).silent_on == date(2027, 2, 7)  # 15 days later, should nothing come

    complete(sent, home, at=paris(2026, 12, 4, 15))
    assert fresh(sent).silent_on == date(2027, 1, 27)  # four days were taken, four are given back

    ask(sent, agent, at=paris(2026, 12, 21, 10), due_on=date(2027, 1, 4))
    complete(sent, home, at=paris(2026, 12, 23, 15))
    assert fresh(sent).silent_on == date(2027, 1, 29)


def test_a_refusal_goes_on_by_itself_when_nothing_comes(send_one, agent):
    sent = send_one(**REFUSES)
    ask(sent, agent, at=paris(2026, 11, 30, 10), due_on=date(2026, 12, 14))

    hour_comes(paris(2027, 2, 7, 23, 59))
    assert fresh(sent).state == State.INCOMPLETE
    hour_comes(paris(2027, 2, 8, 0, 7))

    assert fresh(sent).state == State.IMPLICITLY_REJECTED


# ------------------------------------------------------------------ between the birth of a decision and the hourly task
@pytest.mark.parametrize("write", ["decide", "ask", "withdraw", "complete"])
def test_a_decision_that_is_born_is_not_undone_before_it_is_noted(send_one, agent, home, write):
    sent = send_one(**(REFUSES if write == "complete" else ACCEPTS))
    born = paris(2027, 1, 24, 0)
    if write == "complete":
        ask(sent, agent, at=paris(2026, 11, 30, 10), due_on=date(2026, 12, 14))
        born = paris(2027, 2, 8, 0)
    expected = fresh(sent).revision
    attempts = {
        "decide": lambda: decide(sent, Decision.REJECT, reasons="Trop tard", expected=expected, by=by(agent), at=born),
        "ask": lambda: ask(sent, agent, at=born, due_on=date(2027, 3, 1)),
        "withdraw": lambda: withdraw_application(sent, by=home.by, at=born),
        "complete": lambda: complete(sent, home, at=born),
    }

    with pytest.raises(UnableToWriteError) as refused:
        attempts[write]()

    assert refused.value.why is WhyNot.SILENCE_DECIDED
    assert fresh(sent).revision == expected


def test_an_answer_on_the_last_minute_is_in_time(send_one, agent):
    sent = send_one(**ACCEPTS)

    decide(
        sent,
        Decision.REJECT,
        reasons="Dossier incomplet",
        expected=sent.revision,
        by=by(agent),
        at=paris(2027, 1, 23, 23, 59),
    )
    hour_comes(paris(2027, 1, 24, 0, 7))

    assert fresh(sent).state == State.REJECTED


def test_a_refusal_by_silence_may_still_be_answered(send_one, agent):
    sent = send_one(**REFUSES)
    late = paris(2027, 1, 24, 9)

    decide(sent, Decision.APPROVE, expected=sent.revision, by=by(agent), at=late)

    assert fresh(sent).state == State.APPROVED


QUOTIENT = {
    "effect": "record_quotient",
    "text": "",
    "fields": [
        *PICKUP["fields"][:2],
        {"code": "quotient", "label": "Quotient lu", "kind": "amount", "writer": "agent"},
        {"code": "starts_on", "label": "À partir du", "kind": "date", "writer": "agent"},
    ],
}
FAR_AWAY = {
    "effect": "change_address",
    "text": "",
    "fields": [*PICKUP["fields"], {"code": "address", "label": "Adresse", "kind": "address"}],
}


@pytest.mark.parametrize("needs", [QUOTIENT, FAR_AWAY], ids=["an answer of the town hall", "another day"])
def test_an_acceptance_that_needs_an_agent_is_one_all_the_same(send_one, agent, needs):
    address = {"address.street": ["1 rue Neuve"], "address.postcode": ["77163"], "address.city": ["Dammartin"]}
    sent = send_one(**ACCEPTS, **needs, given={**address, "starts_on": ["01/12/2031"]})

    hour_comes(paris(2027, 1, 24, 0, 7))

    assert fresh(sent).state == State.IMPLICITLY_APPROVED
    assert not AppliedEffect.objects.exists()
    jobs.application_to_finish(authority=sent.authority_id, application=sent.pk)
    ((subject, _body),) = letters()
    assert subject == f"Demande n° {sent.number} : acceptée par le silence, à terminer"


# ------------------------------------------------------------------------------------------------- warnings and purges
def test_whoever_answers_is_warned_three_times_before_silence_decides(send_one, agent):
    sent = send_one(**ACCEPTS)
    days = [date(2027, 1, 7) + timedelta(days=offset) for offset in range(18)]

    for day in days:
        for _twice in range(2):
            morning_comes(datetime(day.year, day.month, day.day, 6, 40, tzinfo=PARIS))

    told = SilenceWarning.objects.order_by("pk")
    assert [(one.days_before, one.sent_at.astimezone(PARIS).date()) for one in told] == [
        (15, date(2027, 1, 8)),
        (7, date(2027, 1, 16)),
        (2, date(2027, 1, 21)),
    ]
    with clock.visiting(paris(2027, 1, 8, 6, 41)):
        jobs.silence_is_near(authority=sent.authority_id, warning=told[0].pk)
    ((subject, body),) = letters()
    assert subject == f"Demande n° {sent.number} : le silence décide dans 15 jours"
    assert "le samedi 23 janvier 2027 au soir, elle est acceptée" in body
    assert f"/{Authority.objects.get().slug}/demandes/{sent.public_id}/" in body
    assert "Luca" not in body
    assert "Martin" not in body


def test_the_agent_who_has_it_is_warned_alone_and_nobody_once_it_is_answered(send_one, town, agent):
    other = make_agent(town, "Paul Durand")
    sent = send_one(**ACCEPTS)
    morning_comes(paris(2027, 1, 8, 6, 40))
    warning = SilenceWarning.objects.get()

    jobs.silence_is_near(authority=town.pk, warning=warning.pk)
    assert sorted(one.to[0] for one in mail.outbox) == sorted([agent.user.email, other.user.email])
    mail.outbox.clear()

    assign(sent, other, expected=sent.revision, by=by(agent), at=NOW)
    jobs.silence_is_near(authority=town.pk, warning=warning.pk)
    assert [one.to for one in mail.outbox] == [[other.user.email]]
    mail.outbox.clear()

    decide(sent, Decision.APPROVE, expected=fresh(sent).revision, by=by(agent), at=paris(2027, 1, 8, 9))
    jobs.silence_is_near(authority=town.pk, warning=warning.pk)
    assert letters() == []


def test_a_family_is_reminded_once_of_what_is_missing(send_one, agent):
    sent = send_one(**REFUSES)
    ask(sent, agent, at=paris(2026, 11, 30, 10), due_on=date(2026, 12, 14))

    for day in range(8, 17):
        morning_comes(paris(2026, 12, day, 6, 40))

    ((subject, body),) = letters()
    assert subject == "Plus que quelques jours pour compléter : Autorisation de récupération d’un enfant (n° 1)"
    assert "jusqu’au lundi 14 décembre 2026, dans 3 jours." in body


def test_drafts_are_forgotten_after_ninety_days(town, home):
    draft = make_draft(home.family, make_procedure(town))

    morning_comes(NOW + timedelta(days=90))
    assert Application.objects.filter(pk=draft.pk).exists()
    for _twice in range(2):
        morning_comes(NOW + timedelta(days=90, hours=1))

    assert not Application.objects.filter(pk=draft.pk).exists()


def test_what_was_sent_is_not_forgotten_as_a_draft(send_one):
    sent = send_one(silence="decides_nothing")

    morning_comes(NOW + timedelta(days=400))

    assert Application.objects.filter(pk=sent.pk).exists()


# ------------------------------------------------------------------------------------------------------------- letters
def test_an_application_is_acknowledged_at_once_in_full_and_once(send_one, home, town):
    sent = send_one(**REFUSES)

    assert "letters.application_acknowledged" in home.posted()
    for _twice in range(2):
        # However late it leaves, it says what it said on the first day.
        with clock.visiting(paris(2026, 12, 20, 9)):
            jobs.application_acknowledged(authority=town.pk, application=sent.pk)

    ((subject, body),) = letters()
    assert subject == "Demande reçue : Autorisation de récupération d’un enfant (n° 1)"
    for said in plain(sent.acknowledged).splitlines():
        assert said in body
    assert "le lundi 23 novembre 2026 à 8 h." in body
    assert "Nadia Ferrand, responsable du service (1 place de la Mairie, 77163 Dammartin)" in body
    assert "le samedi 23 janvier 2027 au soir, votre demande est refusée." in body
    assert "jusqu’au mercredi 24 mars 2027" in body
    assert REMEDIES in body
    assert f"/demandes/{sent.public_id}/" in body
    assert Letter.objects.get().reader_id == home.user


def test_without_an_acknowledgement_no_deadline_is_held_against_a_family(send_one, town):
    sent = send_one(**REFUSES)
    with permitted("factory"):
        Application.objects.filter(pk=sent.pk).update(acknowledged="")
    hour_comes(paris(2027, 1, 24, 0, 7))

    jobs.application_decided_by_silence(authority=town.pk, application=sent.pk)

    ((_subject, body),) = letters()
    assert appeal_day(fresh(sent), town) is None
    assert "Vous pouvez contester ce refus jusqu’au" not in body
    assert REMEDIES in body


def test_silence_is_told_with_what_may_be_done(send_one, town):
    accepted, refused = send_one(**ACCEPTS), send_one(**REFUSES)
    hour_comes(paris(2027, 1, 24, 0, 7))
    for sent in (accepted, refused):
        for _twice in range(2):
            jobs.application_decided_by_silence(authority=town.pk, application=sent.pk)

    (said, attested), (refusal, contest) = letters()

    assert said == "Demande acceptée sans réponse : Autorisation de récupération d’un enfant (n° 1)"
    assert "est acceptée le samedi 23 janvier 2027" in attested
    assert "Vous pouvez demander une attestation" in attested
    assert refusal == "Demande refusée sans réponse : Autorisation de récupération d’un enfant (n° 2)"
    assert "Vous pouvez contester ce refus jusqu’au mercredi 24 mars 2027." in contest


def test_a_completion_is_asked_then_acknowledged_each_time(send_one, agent, home, town):
    sent = send_one(**ACCEPTS)
    for day in (1, 8):
        asked = ask(
            sent, agent, at=paris(2026, 12, day, 10), due_on=date(2026, 12, day + 6), words="Au nom de Monsieur Secret"
        )
        with clock.visiting(paris(2026, 12, day, 10)):
            jobs.application_changes_asked(authority=town.pk, changes=asked.pk)
        complete(sent, home, at=paris(2026, 12, day + 3, 10))
        with clock.visiting(paris(2026, 12, day + 3, 10)):
            jobs.application_completed(authority=town.pk, application=sent.pk)
            jobs.application_completed(authority=town.pk, application=sent.pk)
            jobs.application_changes_asked(authority=town.pk, changes=asked.pk)

    sent_letters = letters()

    assert [subject.partition(" : ")[0] for subject, _body in sent_letters] == ["À compléter", "Complément reçu"] * 2
    assert (
        "Il manque à votre demande : Pièce d’identité. À envoyer au plus tard le lundi 7 décembre"
        in (sent_letters[0][1])
    )
    assert "Ce délai commence seulement le jour où nous recevons les pièces" in sent_letters[0][1]
    assert "le jeudi 4 février 2027 au soir, votre demande est acceptée" in sent_letters[1][1]
    assert "le jeudi 11 février 2027 au soir, votre demande est acceptée" in sent_letters[3][1]
    assert not any("Secret" in body for _subject, body in sent_letters)


def test_what_is_written_or_decided_is_read_on_the_page_only(send_one, agent, home, town):
    rejected, approved = send_one(**REFUSES), send_one(**REFUSES)
    message = write_message(rejected, "Luca va mieux ?", by=by(agent), at=NOW)
    reasons = "Madame Martin n’est pas sa tante"
    decide(rejected, Decision.REJECT, reasons=reasons, expected=fresh(rejected).revision, by=by(agent), at=NOW)
    decide(approved, Decision.APPROVE, expected=fresh(approved).revision, by=by(agent), at=NOW)
    jobs.application_message(authority=town.pk, message=message.pk)
    for sent in (rejected, approved):
        jobs.application_decided(authority=town.pk, application=sent.pk)

    written, refusal, acceptance = letters()

    assert "Nous vous avons écrit au sujet de votre demande n° 1" in written[1]
    assert "Votre demande est suivie par Nadia Ferrand" in written[1]
    assert "Nous n’avons pas accepté votre demande n° 1" in refusal[1]
    assert "dans les deux mois qui suivent le jour où vous la recevez" in refusal[1]
    assert REMEDIES in refusal[1]
    assert "Nous avons accepté votre demande n° 2" in acceptance[1]
    assert REMEDIES not in acceptance[1]
    for _subject, body in (written, refusal, acceptance):
        assert "Luca" not in body
        assert "Martin" not in body


def test_nothing_of_health_is_in_an_e_mail(send_one, agent, home, town):
    title, label = "Allergie alimentaire", "Projet d’accueil individualisé"
    sent = send_one(
        **ACCEPTS,
        title=title,
        fields=[
            {"code": "children", "label": "Enfants", "kind": "child", "is_plural": True},
            {"code": "allergy", "label": "Allergie", "kind": "text", "is_health": True, "is_required": False},
        ],
        text="",
    )
    asked = ask(sent, agent, at=NOW, due_on=date(2026, 12, 14), words=label)
    jobs.application_acknowledged(authority=town.pk, application=sent.pk)
    jobs.application_changes_asked(authority=town.pk, changes=asked.pk)
    morning_comes(paris(2026, 12, 12, 6, 40))
    complete(sent, home, at=paris(2026, 12, 13, 6, 40))
    jobs.application_completed(authority=town.pk, application=sent.pk)
    decide(sent, Decision.APPROVE, expected=fresh(sent).revision, by=by(agent), at=paris(2026, 12, 13, 7))
    jobs.application_decided(authority=town.pk, application=sent.pk)

    found = letters()

    assert len(found) == 5
    for subject, body in found:
        for word in ("llergie", "accueil", "Pièce d’identité", "Luca"):
            assert word not in subject + body
    # On the page, which asks who reads it, all is named.
    assert title in sent.acknowledged


def test_a_withdrawal_and_a_transfer_are_confirmed(send_one, agent, home, town):
    sent = send_one(**ACCEPTS)
    desk, other = make_service_in_charge(town, "regie", name="Régie", agent_name=""), sent.in_charge
    for service in (desk, other):
        transfer(sent, service, expected=fresh(sent).revision, by=by(agent), at=NOW)
        for _twice in range(2):
            jobs.application_transferred(authority=town.pk, application=sent.pk, revision=fresh(sent).revision)
    withdraw_application(sent, by=home.by, at=NOW)
    jobs.application_withdrawn(authority=town.pk, application=sent.pk)

    to_desk, back, gone = letters()

    assert "est maintenant suivie par un autre service : Régie." in to_desk[1]
    assert "n’est pas nommée. Écrivez-lui par ce service." in to_desk[1]
    assert "un autre service : Service Enfance." in back[1]
    assert "Votre demande est suivie par Nadia Ferrand" in back[1]
    assert "Vous avez retiré votre demande n° 1" in gone[1]
