"""What families change of their file, whom they trust, what they consent to, what they confirm."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection

from marelle.domain.families.models import (
    Consent,
    ConsentText,
    Custody,
    FileConfirmation,
    Guardian,
    HealthRecord,
    PickupPerson,
    ProfilePolicy,
    ProposedChange,
)
from marelle.domain.families.operations.confirmations import UnableToConfirmError, confirm_file
from marelle.domain.families.operations.consents import (
    NewText,
    UnableToAnswerError,
    answer_consent,
    publish_text,
    withdraw_text,
)
from marelle.domain.families.operations.pickups import UnableToAllowPickupError, allow_pickup, end_pickup
from marelle.domain.families.operations.profile import (
    NotThisWayError,
    UnableToChangeError,
    UnableToDecideError,
    WhyNot,
    change_profile,
    decide_change,
    set_profile_rules,
    withdraw_change,
)
from marelle.domain.families.queries.profile import (
    answers_count,
    confirmation_month_at,
    consents_on,
    current_values,
    file_content,
    is_confirmation_due,
    pickups_on,
    texts_in_force,
    ways_at,
)
from marelle.domain.families.rules.confirmations import digest_of, written
from marelle.domain.families.rules.consents import ConsentStanding
from marelle.domain.families.rules.pickups import Pickup, PickupFault
from marelle.domain.families.rules.profile import Fault, Way
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs.profile import change_decided
from tests.domain.household import AGENT, NOW, Household, journal
from tests.factories.town import make_authority, make_child

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

TODAY = date(2026, 11, 23)


@pytest.fixture
def town(in_scope):
    authority = make_authority("Dammartin-sur-Tigeaux")
    in_scope(authority)
    return authority


@pytest.fixture
def home(town):
    return Household(town, "Benali")


@pytest.fixture
def child(home):
    return make_child(home.family, "Inès", allergies="Arachide")


def want(home, guardian=None, child=None, at=NOW, **values):
    return change_profile(home.family, values, guardian=guardian, child=child, by=home.by, at=at)


def approve(change, **more):
    return decide_change(change, is_approved=True, by=AGENT, at=NOW, **more)


def refuse(change, reason="Le livret de famille dit autre chose."):
    return decide_change(change, is_approved=False, reason=reason, by=AGENT, at=NOW)


def waiting():
    return list(ProposedChange.objects.filter(state="waiting").order_by("pk").values_list("field", "old", "new"))


class TestChanging:
    def test_a_phone_changes_at_once_and_a_name_is_proposed(self, home):
        done = want(home, family_phone="0612345678", family_name="Benali-Roy", family_department="77")

        home.family.refresh_from_db()
        assert (done.at_once, done.proposed) == (("family_phone", "family_department"), ("family_name",))
        assert (home.family.phone, home.family.department, home.family.name) == ("06 12 34 56 78", "77", "Benali")
        assert waiting() == [("family_name", "Benali", "Benali-Roy")]
        assert [verb for verb, _details in journal()] == ["propose_change", "change_profile"]
        assert "Roy" not in str(journal())
        assert "06 12" not in str(journal())

    def test_the_same_again_writes_nothing(self, home):
        want(home, family_phone="0612345678", family_name="Benali-Roy")
        before = journal()

        assert not want(home, family_phone="06 12 34 56 78", family_name=" Benali-Roy ")
        assert journal() == before
        assert len(waiting()) == 1

    def test_another_proposal_takes_the_place_of_the_one_that_waits(self, home):
        want(home, family_name="Benali-Roy")
        want(home, family_name="Roy")

        assert waiting() == [("family_name", "Benali", "Roy")]
        assert list(ProposedChange.objects.order_by("pk").values_list("state", flat=True)) == ["withdrawn", "waiting"]

    def test_wanting_what_the_file_says_takes_the_proposal_back(self, home):
        want(home, family_name="Benali-Roy")
        want(home, family_name="Benali")

        assert waiting() == []

    def test_values_that_are_not_taken_write_nothing(self, home):
        with pytest.raises(UnableToChangeError) as refused:
            want(home, family_phone="12", family_email="a@b.fr")

        home.family.refresh_from_db()
        assert refused.value.faults == {"family_phone": Fault.BAD_PHONE}
        assert (home.family.email, journal()) == ("", [])

    @pytest.mark.parametrize(
        "values", [{"family_address": "3, rue Basse"}, {"family_code": "1"}, {"guardian_phone": ""}]
    )
    def test_what_is_asked_by_a_request_or_is_not_a_field_of_the_family_is_refused(self, home, values):
        with pytest.raises(NotThisWayError):
            want(home, **values)
        assert journal() == []

    def test_the_authority_decides_field_by_field(self, town, home):
        set_profile_rules(
            town, {"family_name": "at_once", "family_phone": "request"}, confirmation_month=9, by=AGENT, at=NOW
        )

        assert want(home, family_name="Roy").at_once == ("family_name",)
        with pytest.raises(NotThisWayError):
            want(home, family_phone="0612345678")

    def test_a_guardian_of_another_family_is_not_changed(self, town, home):
        other = Household(town, "Roy")

        with pytest.raises(NotThisWayError):
            want(home, guardian=Guardian.objects.get(family=other.family), guardian_phone="0612345678")

    def test_a_child_of_another_home_is_not_changed(self, town, home):
        other = Household(town, "Roy")

        with pytest.raises(NotThisWayError):
            want(home, child=make_child(other.family, "Zoé"), child_first_name="Zoée")

    def test_two_guardians_never_bear_the_same_name(self, town, home):
        set_profile_rules(
            town, {"guardian_first_name": "at_once", "guardian_last_name": "at_once"}, confirmation_month=None,
            by=AGENT, at=NOW,
        )  # fmt: skip
        with permitted("factory"):
            Guardian.objects.create(authority=town, family=home.family, first_name="Karim", last_name="Benali")
        maria = Guardian.objects.get(family=home.family, first_name="Maria")

        with pytest.raises(UnableToChangeError) as refused:
            want(home, guardian=maria, guardian_first_name="Karim")
        assert refused.value.faults == {"guardian_first_name": Fault.NAME_TAKEN}

    def test_values_are_encrypted(self, home, child):
        want(home, child=child, child_diet="sans porc")

        with connection.cursor() as cursor:
            cursor.execute("SELECT old || new FROM families_proposedchange")
            assert "porc" not in cursor.fetchone()[0]


class TestDeciding:
    @pytest.fixture
    def change(self, home):
        want(home, family_name="Benali-Roy")
        return ProposedChange.objects.get()

    def test_approved_the_file_changes_and_the_family_is_written_to(self, town, home, change):
        assert approve(change)

        home.family.refresh_from_db()
        change.refresh_from_db()
        assert (home.family.name, change.state, change.decided_at) == ("Benali-Roy", "approved", NOW)
        assert home.posted() == ["letters.change_decided"]
        change_decided(authority=town.pk, change=change.pk)
        change_decided(authority=town.pk, change=change.pk)
        (letter,) = mail.outbox
        assert "Nom de la famille" in letter.body
        assert "accepté" in letter.body
        assert "Roy" not in letter.body

    def test_refused_the_file_stays_and_the_reason_is_kept_for_the_family(self, town, home, change):
        assert refuse(change)

        home.family.refresh_from_db()
        change.refresh_from_db()
        assert (home.family.name, change.state) == ("Benali", "refused")
        assert change.reason == "Le livret de famille dit autre chose."
        change_decided(authority=town.pk, change=change.pk)
        assert "n’a pas accepté" in mail.outbox[0].body
        assert "livret" not in mail.outbox[0].body

    def test_a_refusal_says_why(self, change):
        with pytest.raises(UnableToDecideError) as error:
            refuse(change, " ")
        assert error.value.why is WhyNot.NO_REASON

    def test_the_same_answer_twice_is_one_answer(self, home, change):
        approve(change)
        before = journal()

        assert not approve(change)
        assert journal() == before
        assert home.posted() == ["letters.change_decided"]

    def test_the_other_answer_afterwards_is_told(self, change):
        approve(change)

        with pytest.raises(UnableToDecideError) as error:
            refuse(change)
        assert error.value.why is WhyNot.DECIDED

    def test_one_that_was_withdrawn_is_no_longer_approved(self, home, change):
        assert withdraw_change(change, by=home.by, at=NOW)
        assert not withdraw_change(change, by=home.by, at=NOW)

        with pytest.raises(UnableToDecideError) as error:
            approve(change)
        assert error.value.why is WhyNot.DECIDED

    def test_one_that_became_stale_says_so_and_may_be_refused(self, home, change):
        with permitted("factory"):
            home.family.name = "Vasseur"
            home.family.save()

        with pytest.raises(UnableToDecideError) as error:
            approve(change)
        home.family.refresh_from_db()
        assert (error.value.why, home.family.name) == (WhyNot.STALE, "Vasseur")
        assert current_values([ProposedChange.objects.select_related("family", "child").get()]) == {
            change.pk: "Vasseur"
        }
        assert refuse(change)

    def test_one_that_the_file_already_says_is_approved_without_a_change(self, home, change):
        with permitted("factory"):
            home.family.name = "Benali-Roy"
            home.family.save()

        assert approve(change)

    def test_what_is_known_of_health_changes_when_approved(self, home, child):
        want(home, child=child, child_diet="sans porc")

        approve(ProposedChange.objects.get())

        record = HealthRecord.objects.get(child=child)
        assert (record.diet, record.allergies) == ("sans porc", "Arachide")

    def test_a_child_of_whom_nothing_was_known_gets_a_record(self, town, home):
        set_profile_rules(town, {"child_allergies": "approval"}, confirmation_month=None, by=AGENT, at=NOW)
        child = make_child(home.family, "Zoé")
        want(home, child=child, child_diet="sans porc", child_allergies="œuf")

        for change in ProposedChange.objects.order_by("pk"):
            approve(change)

        record = HealthRecord.objects.get(child=child)
        assert (record.diet, record.allergies) == ("sans porc", "œuf")

    def test_a_birth_date_is_a_day_again(self, town, home, child):
        set_profile_rules(town, {"child_birth_date": "approval"}, confirmation_month=None, by=AGENT, at=NOW)
        want(home, child=child, child_birth_date="10/04/2017")

        approve(ProposedChange.objects.get())

        child.refresh_from_db()
        assert child.birth_date == date(2017, 4, 10)

    def test_a_name_that_another_guardian_took_is_not_given(self, town, home):
        maria = Guardian.objects.get(family=home.family)
        want(home, guardian=maria, guardian_first_name="Karima")
        with permitted("factory"):
            Guardian.objects.create(authority=town, family=home.family, first_name="Karima", last_name="Benali")

        with pytest.raises(UnableToDecideError) as error:
            approve(ProposedChange.objects.get())
        assert error.value.why is WhyNot.NAME_TAKEN


class TestRules:
    def test_they_are_set_once_and_said_in_the_journal(self, town):
        assert set_profile_rules(town, {"family_name": "request"}, confirmation_month=10, by=AGENT, at=NOW)
        assert not set_profile_rules(town, {"family_name": "request"}, confirmation_month=10, by=AGENT, at=NOW)

        assert ways_at(town.pk)["family_name"] is Way.REQUEST
        assert confirmation_month_at(town.pk) == 10
        assert journal() == [("set_profile_rules", {"ways": {"family_name": "request"}, "month": 10})]
        assert set_profile_rules(town, {"family_name": "approval"}, confirmation_month=None, by=AGENT, at=NOW)
        assert confirmation_month_at(town.pk) is None

    @pytest.mark.parametrize(("ways", "month"), [({"child_allergies": "at_once"}, None), ({}, 0), ({}, 13)])
    def test_what_cannot_be_is_refused(self, town, ways, month):
        with pytest.raises(ValueError, match="is not"):
            set_profile_rules(town, ways, confirmation_month=month, by=AGENT, at=NOW)
        assert not ProfilePolicy.objects.exists()


def grandfather(*children, **more):
    facts = {"starts_on": TODAY, "ends_on": None, **more}
    return Pickup("Paul Roy", "06 12 34 56 78", "grand-père", frozenset(child.pk for child in children), **facts)


class TestPickups:
    def test_a_person_is_on_the_roll_for_the_days_it_was_trusted(self, town, home, child):
        wanted = grandfather(child, starts_on=date(2026, 11, 24), ends_on=date(2026, 11, 26))
        allow_pickup(home.family, wanted, by=home.by, at=NOW)

        def who(day):
            return [person.name for person in pickups_on(day, [child.pk], zone=town.zone).get(child.pk, [])]

        assert [who(date(2026, 11, day)) for day in (23, 24, 26, 27)] == [[], ["Paul Roy"], ["Paul Roy"], []]

    def test_the_same_twice_is_one_person(self, home, child):
        first = allow_pickup(home.family, grandfather(child), by=home.by, at=NOW)

        assert allow_pickup(home.family, grandfather(child), by=home.by, at=NOW) == first
        assert [verb for verb, _details in journal()] == ["allow_pickup"]

    def test_ended_it_is_no_longer_on_the_roll_of_that_day(self, town, home, child):
        person = allow_pickup(home.family, grandfather(child, starts_on=TODAY), by=home.by, at=NOW)

        assert end_pickup(person, by=home.by, at=NOW + timedelta(days=2))
        assert not end_pickup(person, by=home.by, at=NOW + timedelta(days=3))
        found = [bool(pickups_on(TODAY + timedelta(days=n), [child.pk], zone=town.zone)) for n in range(4)]
        assert found == [True, True, False, False]

    def test_a_child_of_another_home_is_not_entrusted(self, town, home, child):
        stranger = make_child(Household(town, "Roy").family, "Zoé")

        with pytest.raises(UnableToAllowPickupError) as error:
            allow_pickup(home.family, grandfather(child, stranger), by=home.by, at=NOW)
        assert error.value.faults == (PickupFault.NO_CHILD,)
        assert not PickupPerson.objects.exists()

    def test_where_a_request_is_asked_only_agents_note_them(self, town, home, child):
        set_profile_rules(town, {"pickup": "request"}, confirmation_month=None, by=AGENT, at=NOW)

        with pytest.raises(UnableToAllowPickupError):
            allow_pickup(home.family, grandfather(child), by=home.by, at=NOW)
        assert allow_pickup(home.family, grandfather(child), by=AGENT, at=NOW)

    def test_a_home_where_the_child_no_longer_lives_says_nothing(self, town, home, child):
        allow_pickup(home.family, grandfather(child), by=home.by, at=NOW)
        with permitted("factory"):
            Custody.objects.filter(child=child).update(ends_on=TODAY)

        assert pickups_on(TODAY, [child.pk], zone=town.zone)
        assert not pickups_on(date(2026, 11, 24), [child.pk], zone=town.zone)

    def test_both_homes_of_a_child_are_heard(self, town, home, child):
        other = Household(town, "Roy")
        with permitted("factory"):
            Custody.objects.create(authority=town, child=child, family=other.family, starts_on=date(2026, 9, 1))
        allow_pickup(home.family, grandfather(child), by=home.by, at=NOW)
        allow_pickup(other.family, Pickup("Anne Roy", "", "", frozenset({child.pk}), TODAY), by=other.by, at=NOW)

        found = pickups_on(TODAY, [child.pk], zone=town.zone)[child.pk]
        assert [person.name for person in found] == ["Anne Roy", "Paul Roy"]


PHOTOS = NewText("photos", "Photos", "Dans le journal municipal.", "child")


class TestConsents:
    @pytest.fixture
    def text(self, town):
        return publish_text(town, PHOTOS, by=AGENT, at=NOW)

    def answer(self, home, text, at=NOW, **answers):
        return answer_consent(text, home.family, answers["said"], by=home.by, at=at)

    def standing(self, home, *children):
        return [one.standing for one in consents_on(TODAY, home.family.pk, children)]

    def test_the_last_answer_counts_and_the_others_stay(self, home, child, text):
        assert self.standing(home, child) == [ConsentStanding.ASKED]
        assert self.answer(home, text, said={child.pk: True}) == 1
        assert self.answer(home, text, said={child.pk: True}) == 0
        assert self.standing(home, child) == [ConsentStanding.GIVEN]
        assert self.answer(home, text, at=NOW + timedelta(hours=1), said={child.pk: False}) == 1
        assert self.standing(home, child) == [ConsentStanding.REFUSED]
        assert Consent.objects.count() == 2
        assert answers_count([text.pk]) == {(text.pk, False): 1}

    def test_one_home_of_two_that_says_no_is_no(self, town, home, child, text):
        other = Household(town, "Roy")
        with permitted("factory"):
            Custody.objects.create(authority=town, child=child, family=other.family, starts_on=date(2026, 9, 1))

        self.answer(home, text, said={child.pk: True})
        assert self.standing(home, child) == [ConsentStanding.PARTIAL]
        self.answer(other, text, said={child.pk: False})
        assert self.standing(home, child) == [ConsentStanding.REFUSED]

    def test_a_new_version_is_asked_anew_and_the_former_answers_prove(self, town, home, child, text):
        self.answer(home, text, said={child.pk: True})
        newer = publish_text(town, NewText("photos", "Photos", "Et sur le site.", "child"), by=AGENT, at=NOW)

        assert (newer.version, list(texts_in_force())) == (2, [newer])
        assert self.standing(home, child) == [ConsentStanding.ASKED]
        assert Consent.objects.get().text == text
        with pytest.raises(UnableToAnswerError):
            self.answer(home, text, said={child.pk: True})

    def test_the_same_text_is_no_new_version_and_a_withdrawn_one_comes_back_as_the_next(self, town, text):
        assert publish_text(town, PHOTOS, by=AGENT, at=NOW) == text
        assert withdraw_text(text, by=AGENT, at=NOW)
        assert not withdraw_text(text, by=AGENT, at=NOW)
        assert publish_text(town, PHOTOS, by=AGENT, at=NOW).version == 2
        assert ConsentText.objects.count() == 2

    def test_a_text_for_the_home_is_answered_once(self, town, home, child):
        text = publish_text(town, NewText("lettre", "Lettre", "Par e-mail.", "family"), by=AGENT, at=NOW)

        with pytest.raises(UnableToAnswerError):
            self.answer(home, text, said={child.pk: True})
        assert self.answer(home, text, said={None: True}) == 1
        assert self.standing(home, child) == [ConsentStanding.GIVEN]

    def test_nobody_answers_for_the_child_of_another_home(self, town, home, text):
        stranger = make_child(Household(town, "Roy").family, "Zoé")

        with pytest.raises(UnableToAnswerError):
            self.answer(home, text, said={stranger.pk: True})


class TestConfirming:
    def seen(self, home):
        return digest_of(written(file_content(home.family, on=TODAY)))

    def test_what_was_read_is_kept_and_the_family_is_asked_no_longer(self, town, home, child):
        set_profile_rules(town, {}, confirmation_month=9, by=AGENT, at=NOW)
        assert is_confirmation_due(town.pk, home.family.pk, on=TODAY)

        first = confirm_file(home.family, seen=self.seen(home), by=home.by, at=NOW)

        assert confirm_file(home.family, seen=self.seen(home), by=home.by, at=NOW) == first
        assert not is_confirmation_due(town.pk, home.family.pk, on=TODAY)
        assert is_confirmation_due(town.pk, home.family.pk, on=date(2027, 9, 1))
        for said in ("Benali", "Inès", "Arachide", "Personnes autorisées"):
            assert said in FileConfirmation.objects.get().content
        assert "Arachide" not in str(AuditEntry.objects.values_list("details", flat=True))

    def test_a_file_that_changed_meanwhile_is_read_again(self, home, child):
        seen = self.seen(home)
        want(home, family_phone="0612345678")

        with pytest.raises(UnableToConfirmError):
            confirm_file(home.family, seen=seen, by=home.by, at=NOW)
        assert not FileConfirmation.objects.exists()

    def test_without_a_month_nobody_is_asked(self, town, home):
        assert not is_confirmation_due(town.pk, home.family.pk, on=TODAY)
