"""Messages to families: whom a filter finds, who is told, once, and what came of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.families.models import Block, Family, Guardian, ProfileSettings
from marelle.domain.news.models import FamilyMessage, LostAddress, MessageRecipient
from marelle.domain.news.operations.messages import (
    NobodyToTellError,
    NotADraftError,
    RecipientsChangedError,
    Written,
    WrongMessageError,
    begin_sending,
    give_up,
    remove_draft,
    save_message,
    save_message_template,
    stop_sending,
)
from marelle.domain.news.operations.returns import note_lost_address, try_address_again
from marelle.domain.news.queries.messages import lost_addresses
from marelle.domain.news.queries.recipients import EVERYTHING, families_for, preview_of
from marelle.domain.news.returned import Returned
from marelle.domain.news.rules.filters import FamilyFilter
from marelle.domain.news.rules.messages import Words
from marelle.domain.news.rules.recipients import Channel
from marelle.domain.reservations.queries.reach import Reach
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs.messages import follow_texts, give_up_old, tell
from marelle.letters import sending
from marelle.letters.models import Letter
from marelle.letters.returned import note_letter_returned
from standins.sms.server import Mood
from tests.domain.household import NOW, THURSDAY
from tests.factories.joining import make_guardian, make_invitation
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
from tests.texts import ovh, texts_to  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
TODAY = date(2026, 11, 23)
WORDS = Words(
    "École fermée : {enfants}", "Madame, Monsieur {nom},\n\nPas d’école\njeudi.", "{prenom}, pas d’école jeudi"
)
EMAIL, TEXT = Channel.EMAIL, Channel.TEXT


@pytest.fixture
def town(in_scope):
    authority = make_authority("Dammartin-sur-Tigeaux", email="mairie@dammartin.example")
    in_scope(authority)
    return authority


def written(words=WORDS, channels=(EMAIL,), **wanted):
    return Written(words, frozenset(channels), FamilyFilter(**wanted))


def draft(town, *channels, words=WORDS, **wanted):
    return save_message(town, None, written(words, channels or (EMAIL,), **wanted), by=SYSTEM, at=NOW)


def preview(message, town, reach=EVERYTHING):
    return preview_of(message, reach, authority=town, on=TODAY)


def sent(message, town, reach=EVERYTHING):
    mark = preview(message, town, reach).mark
    return begin_sending(message, seen=mark, reach=reach, authority=town, by=SYSTEM, at=NOW)


def run_jobs(town):
    for args in ProcrastinateJob.objects.filter(task_name="news.tell").order_by("pk").values_list("args", flat=True):
        tell(**args)


def states(message):
    return sorted(message.recipients.values_list("channel", "state"))


def names(found):
    return [family.name for family in found]


# -------------------------------------------------------------------------------------------------------------- filters


class TestWhomAFilterFinds:
    @pytest.fixture(autouse=True)
    def _families(self, town):
        canteen, leisure = (make_service(town, name, code=name.lower()) for name in ("Cantine", "Loisirs"))
        self.school, other = make_facility(town, "Tilleuls"), make_facility(town, "Saules")
        self.meal = make_product(town, service=canteen, facility=self.school)
        self.wednesday = make_product(town, service=leisure, facility=other)
        ce2 = make_class(self.school, "CE2")
        self.eats = make_family(town, "Amiel")
        self.child = make_child(self.eats, "Zoé", products=(self.meal,), school_class=ce2)
        plays = make_family(town, "Bréal")
        make_child(plays, products=(self.wednesday,))
        left = make_family(town, "Colin")
        make_child(left, products=(self.meal,), enrolled=(date(2025, 9, 1), date(2026, 7, 4)))
        with permitted("factory"):
            Family.objects.filter(pk=plays.pk).update(is_resident=False, categories=["parents-actifs"])
        make_guardian(town, name="Dorval")
        self.town = town

    def found(self, reach=EVERYTHING, **wanted):
        return names(families_for(FamilyFilter(**wanted), reach, authority=self.town.pk, on=TODAY))

    def test_each_kind_narrows_and_all_must_hold_for_one_child(self):
        assert self.found() == ["Amiel", "Bréal", "Colin", "Dorval"]
        assert self.found(services=("cantine",)) == ["Amiel"]
        assert self.found(services=("cantine", "loisirs")) == ["Amiel", "Bréal"]
        assert self.found(activities=(self.wednesday.activity.public_id,)) == ["Bréal"]
        assert self.found(facilities=(self.school.code,)) == ["Amiel"]
        assert self.found(classes=(f"{self.school.code}/{self.child.school_class.code}",)) == ["Amiel"]
        assert self.found(services=("loisirs",), facilities=(self.school.code,)) == []
        assert self.found(residence="residents") == ["Amiel", "Colin", "Dorval"]
        assert self.found(residence="others") == self.found(categories=("parents-actifs", "x")) == ["Bréal"]
        assert self.found(is_not_activated=True) == ["Dorval"]

    def test_a_day_finds_who_reserved_it_and_a_school_who_is_taught_there(self):
        make_reservation(self.child, self.meal, THURSDAY, family=self.eats)
        taught = make_family(self.town, "Évrard")
        make_child(taught, school_class=self.child.school_class)

        assert self.found(reserved_on=THURSDAY) == ["Amiel"]
        assert self.found(reserved_on=THURSDAY, services=("loisirs",)) == []
        assert self.found(reserved_on=THURSDAY + timedelta(days=1)) == []
        assert self.found(facilities=(self.school.code,)) == ["Amiel", "Évrard"]

    def test_who_owes_and_who_has_not_confirmed(self):
        with permitted("factory"):
            Block.objects.create(authority=self.town, family=self.eats, kind="unpaid", amount_cents=900, put_at=NOW)
        assert self.found(is_unpaid=True) == ["Amiel"]
        assert self.found(is_unconfirmed=True) == []  # nobody is asked to confirm
        with permitted("factory"):
            ProfileSettings.objects.create(authority=self.town, confirmation_month=9)
        assert self.found(is_unconfirmed=True) == ["Amiel", "Bréal", "Colin", "Dorval"]

    def test_an_agent_of_one_service_writes_to_its_families_alone(self):
        from marelle.domain.catalog.queries import offer_of

        offer = offer_of(self.town)
        reach = Reach(tuple(one for one in offer.products if one.pk == self.meal.pk), is_whole=False)

        assert self.found(reach) == ["Amiel"]
        assert self.found(reach, services=("loisirs",)) == []
        assert self.found(reach, facilities=(self.school.code,)) == ["Amiel"]


# ------------------------------------------------------------------------------------------------------------ by e-mail


def test_a_message_says_to_each_reader_her_own_words_and_answers_go_to_the_service(town):
    canteen = make_service(town, "Cantine", code="cantine", email="cantine@dammartin.example")
    meal = make_product(town, service=canteen)
    family = make_family(town, user=make_user("elena@exemple.fr"))
    for name in ("Lucia", "Noé"):
        make_child(family, name, products=(meal,))
    make_child(family, "Bébé")
    message = draft(town, services=("cantine",))

    seen = preview(message, town)
    assert (seen.families, seen.letters, seen.texts, seen.unreached_count) == (1, 1, 0, 0)
    assert seen.sample.reader == "Maria Sanchez-Cordoves"
    assert sent(message, town) == 1
    run_jobs(town)

    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["elena@exemple.fr"], "École fermée : Lucia et Noé")
    assert letter.reply_to == ["cantine@dammartin.example"]
    assert "Madame, Monsieur Sanchez-Cordoves,\n\nPas d’école\njeudi.\n" in letter.body
    assert "<p>Pas d’école<br>jeudi.</p>" in letter.alternatives[0][0]
    message.refresh_from_db()
    assert (message.state, states(message)) == ("sent", [("email", "told")])


def test_each_is_told_once_whatever_runs_twice_and_however_it_was_killed(town, monkeypatch):
    for number in range(3):
        make_family(town, f"Famille{number}", user=make_user(f"parent-{number}@exemple.fr"))
    message = draft(town)
    sent(message, town)
    taken = []

    def flaky(self):
        if len(taken) == 1:
            taken.append(None)
            raise SMTPServerDisconnected("parent-1@exemple.fr")
        taken.append(self.to)
        return 1

    with monkeypatch.context() as broken:
        broken.setattr(sending.EmailMultiAlternatives, "send", flaky)
        with pytest.raises(sending.UnableToSendError):
            run_jobs(town)
    assert FamilyMessage.objects.get().state == "sending"
    # Killed after the mail server took a letter, and before the recipient's row said so.
    with permitted("killed"):
        first = MessageRecipient.objects.order_by("pk").first()
        MessageRecipient.objects.filter(pk=first.pk).update(state="waiting", told_at=None)
    for _ in range(3):
        run_jobs(town)

    assert [letter.to for letter in mail.outbox] == [["parent-1@exemple.fr"]]
    assert states(message) == [("email", "told")] * 3
    assert FamilyMessage.objects.get().state == "sent"


def test_what_was_seen_is_what_leaves(town):
    make_family(town, user=make_user())
    message = draft(town)
    mark = preview(message, town).mark
    make_family(town, "Nouvelle", user=make_user())
    facts = {"reach": EVERYTHING, "authority": town, "by": SYSTEM, "at": NOW}

    with pytest.raises(RecipientsChangedError):
        begin_sending(message, seen=mark, **facts)
    assert MessageRecipient.objects.count() == 0
    assert sent(message, town) == 2
    with pytest.raises(NotADraftError):
        begin_sending(message, seen=mark, **facts)
    with pytest.raises(NotADraftError):
        save_message(town, message, written(), by=SYSTEM, at=NOW)
    with pytest.raises(NotADraftError):
        remove_draft(message, by=SYSTEM, at=NOW)


def test_a_message_for_nobody_does_not_leave_and_a_draft_goes_away(town):
    make_guardian(town, email="")
    message = draft(town)

    with pytest.raises(NobodyToTellError):
        sent(message, town)
    remove_draft(message, by=SYSTEM, at=NOW)
    assert FamilyMessage.objects.count() == 0
    with pytest.raises(WrongMessageError) as wrong:
        save_message(town, None, written(Words("", "{maman}", ""), (EMAIL,)), by=SYSTEM, at=NOW)
    assert wrong.value.faults.keys() == {"subject", "body"}


def test_who_cannot_be_told_is_noted_so_that_somebody_calls(town):
    make_family(town, user=make_user())
    make_guardian(town, email="", name="Muette")
    message = draft(town)

    seen = preview(message, town)
    assert (seen.families, seen.unreached_count, names(seen.unreached)) == (2, 1, ["Muette"])
    assert sent(message, town) == 1
    assert states(message) == [("email", "no_address"), ("email", "waiting")]


def test_a_message_that_is_stopped_goes_no_further(town):
    for number in range(3):
        make_family(town, f"Famille{number}", user=make_user())
    message = draft(town)
    sent(message, town)

    assert stop_sending(message, by=SYSTEM, at=NOW) == 3
    assert stop_sending(message, by=SYSTEM, at=NOW) == 0
    run_jobs(town)

    assert mail.outbox == []
    assert states(message) == [("email", "stopped")] * 3


def test_a_message_that_cannot_end_is_ended_after_three_days(town):
    make_family(town, user=make_user())
    message = draft(town)
    sent(message, town)

    give_up_old(0)
    assert FamilyMessage.objects.get().state == "sending"
    with clock.visiting(NOW + timedelta(days=4)):
        give_up_old(0)
    assert (FamilyMessage.objects.get().state, states(message)) == ("sent", [("email", "failed")])
    give_up(message, by=SYSTEM, at=NOW)


def test_the_journal_and_the_queue_hold_no_word_of_a_message(town):
    make_family(town, "Quenneville", user=make_user("elena@exemple.fr"))
    message = draft(town)
    save_message_template(town, None, "Fermeture", WORDS, by=SYSTEM, at=NOW)
    sent(message, town)

    told = str([*AuditEntry.objects.values(), *ProcrastinateJob.objects.values_list("args", flat=True)])
    for word in ("Quenneville", "elena", "école", "Fermeture", "Lucia"):
        assert word not in told


def test_a_template_has_a_title_of_its_own_and_words_that_can_be_filled(town):
    row = save_message_template(town, None, " Fermeture  d’école ", WORDS, by=SYSTEM, at=NOW)
    assert row.title == "Fermeture d’école"
    save_message_template(town, row, row.title, WORDS, by=SYSTEM, at=NOW)
    assert AuditEntry.objects.filter(verb="save_message_template").count() == 1
    save_message_template(town, row, "Grève", WORDS, by=SYSTEM, at=NOW)
    with pytest.raises(WrongMessageError) as wrong:
        save_message_template(town, None, "Grève", Words("", "{x}", ""), by=SYSTEM, at=NOW)
    assert wrong.value.faults.keys() == {"title", "body"}


# -------------------------------------------------------------------------------------------------------------- by text


@pytest.fixture
def texts(ovh, settings):  # noqa: F811  a fixture
    settings.TEXTS = texts_to(ovh, seconds=0.5)
    return ovh


def reach_by_text(town, *numbers):
    for number, phone in enumerate(numbers):
        make_guardian(town, f"Prénom{number}", name=f"Nom{number}", phone=phone, email="")


def test_texts_leave_are_paid_for_by_parts_and_followed(town, texts):
    reach_by_text(town, "06 12 34 56 78", "01 64 04 30 10", "07 00 00 00 00")
    message = draft(town, TEXT)

    seen = preview(message, town)
    assert (seen.families, seen.texts, seen.parts, seen.unreached_count) == (3, 2, 2, 1)
    assert seen.sample.words.text == "Prénom0, pas d'école jeudi"
    assert sent(message, town) == 2
    run_jobs(town)
    run_jobs(town)

    assert [(one.receiver, one.message) for one in texts.texts] == [
        ("+33612345678", "Prénom0, pas d'école jeudi"),
        ("+33700000000", "Prénom2, pas d'école jeudi"),
    ]
    assert states(message) == [("text", "no_address"), ("text", "told"), ("text", "told")]
    texts.texts[0].receipt, texts.texts[1].receipt = 1, 2
    follow_texts(0)
    assert states(message) == [("text", "delivered"), ("text", "no_address"), ("text", "returned")]


def test_a_text_that_may_have_left_is_looked_for_and_never_sent_twice(town, texts):
    reach_by_text(town, "0612345678", "0700000000")
    message = draft(town, TEXT)
    sent(message, town)
    texts.mood = Mood.TAKES_AND_HANGS_UP
    with pytest.raises(sending.UnableToSendError):
        run_jobs(town)
    assert states(message) == [("text", "claimed")] * 2
    texts.mood = Mood.GOOD
    del texts.texts[1]  # as if the second had never arrived there
    with pytest.raises(sending.UnableToSendError):
        run_jobs(town)  # too early: another worker may be asking
    with permitted("time passes"):
        MessageRecipient.objects.update(claimed_at=clock.machine_now() - timedelta(minutes=6))
    run_jobs(town)

    assert len(texts.texts) == 1
    assert states(message) == [("text", "failed"), ("text", "told")]
    assert message.recipients.get(state="failed").failure == "unsure"
    assert FamilyMessage.objects.get().state == "sent"


def test_a_refused_number_keeps_no_other_waiting_and_a_busy_provider_is_tried_again(town, texts):
    reach_by_text(town, "0612345678")
    message = draft(town, TEXT)
    sent(message, town)
    texts.mood = Mood.BUSY
    with pytest.raises(sending.UnableToSendError):
        run_jobs(town)
    assert states(message) == [("text", "waiting")]
    texts.mood = Mood.PENNILESS
    run_jobs(town)

    assert (states(message), message.recipients.get().failure) == ([("text", "failed")], "no_credit")


# ------------------------------------------------------------------------------------------------------ what comes back


def come_back(letter, address, status="5.1.1"):
    name = f"<{letter.public_id}.{letter.kind}@famille.localhost>"
    return note_letter_returned(Returned(name, address, status), by=SYSTEM, at=clock.machine_now())


def test_a_letter_that_comes_back_marks_the_address_and_no_other_letter_goes_there(town):
    family = make_family(town, user=make_user("elena@exemple.fr"))
    guardian = make_guardian(town, "Tom", family=family, email="tom@exemple.fr")
    message = draft(town)
    sent(message, town)
    run_jobs(town)
    letter = Letter.objects.get(guardian=guardian)

    assert not come_back(letter, "autre@exemple.fr")  # a notice of somebody else's making
    assert come_back(letter, "TOM@exemple.fr")
    assert not come_back(letter, "tom@exemple.fr")

    assert states(message) == [("email", "returned"), ("email", "told")]
    (lost,) = lost_addresses(Family.objects.all())
    assert (lost.address, lost.guardian, lost.row.status) == ("tom@exemple.fr", "Tom Martin", "5.1.1")
    assert "tom" not in str(list(LostAddress.objects.values()))
    second = draft(town)
    assert (preview(second, town).letters, preview(second, town).lost) == (1, 1)
    with permitted("factory"):
        Guardian.objects.filter(pk=guardian.pk).update(email="tom.martin@exemple.fr")
    assert lost_addresses(Family.objects.all()) == []
    assert preview(second, town).letters == 2


def test_an_address_may_be_tried_again_and_an_invitation_that_comes_back_is_seen(town):
    guardian = make_guardian(town, email="lea@exemple.fr")
    invitation = make_invitation(guardian)
    with permitted("factory"):
        letter = Letter.objects.create(
            authority=town, kind="invitation", object_key=invitation.pk, family=guardian.family, guardian=guardian,
            subject="x", state="sent", queued_at=NOW, sent_at=NOW,
        )  # fmt: skip

    assert come_back(letter, "lea@exemple.fr")
    invitation.refresh_from_db()
    assert isinstance(invitation.returned_at, datetime)
    (lost,) = lost_addresses(Family.objects.all())
    assert try_address_again(lost.row, by=SYSTEM, at=NOW)
    assert not try_address_again(lost.row, by=SYSTEM, at=NOW)
    assert lost_addresses(Family.objects.all()) == []
    assert note_lost_address(guardian.family, "lea@exemple.fr", status="5.1.1", by=SYSTEM, at=NOW)
