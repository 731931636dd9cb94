"""Files from elsewhere: looked over, applied whole or not at all, undone as if they had never been."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.authorities.models import SchoolClass
from marelle.domain.families.models import Child, Custody, Family, Guardian
from marelle.domain.families.operations.custody import change_custody
from marelle.domain.families.operations.removals import restore_access
from marelle.domain.onboarding.models import Import, ImportLine
from marelle.domain.onboarding.operations.imports import applying, checking
from marelle.domain.onboarding.operations.imports.checking import Choices
from marelle.domain.onboarding.queries.imports import kept, lines_of
from marelle.domain.onboarding.rules.imports.homes import KEPT_OUT
from marelle.domain.procedures.operations.shutting_out import remove_access
from marelle.foundation import clock, files, progress, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs import imports as jobs
from tests.factories.imports import AT, NEW_PUPILS, OLD_PUPILS, ON, onde, pupil
from tests.factories.town import make_authority, make_child, make_class, make_facility, make_family

pytestmark = pytest.mark.django_db
AGENT = Actor(ActorKind.AGENT, None)
ROOMS = ("authorities", "accounts", "families", "catalog", "reservations", "billing", "payments", "procedures")


class Town:
    """A school with two classes, two children who are known, and an agent with her files."""

    def __init__(self):
        self.authority = make_authority("Essai")
        self.school = make_facility(self.authority)
        self.ce1, self.ce2 = make_class(self.school, "CE1"), make_class(self.school, "CE2")
        self.family = make_family(self.authority, "Moreau")
        self.lucia = make_child(self.family, "Lucia", school_class=self.ce1, birth_date=date(2018, 4, 9))
        self.paul = make_child(self.family, "Paul", school_class=self.ce2, birth_date=date(2017, 1, 2))

    def bring(self, content, kind="onde-eleves", **more):
        facility = self.school if kind.startswith("onde") else None
        return checking.receive_file(
            self.authority, content, kind=kind, name="fichier.csv", facility=facility, on=ON, by=AGENT, at=AT, **more
        )

    def apply(self, whole, *, at=AT):
        checking.ask_to_apply(whole, by=AGENT, at=at)
        with clock.visiting(at):
            jobs.apply.func(authority=self.authority.pk, whole=whole.pk)
        whole.refresh_from_db()
        return whole


@pytest.fixture
def town(in_scope):
    found = Town()
    in_scope(found.authority)
    return found


def seen(whole):
    """Return what each line comes to: its number, whom it is about, the verdict, what differs."""
    return [
        (one.row.number, one.label, one.row.verdict, {each.field: each.after for each in one.differences})
        for one in map(kept, lines_of(whole))
    ]


def everything():
    """Return all the rows of the rooms below, so that two moments are compared."""
    return {
        model._meta.label: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.app_label in ROOMS and model._meta.label != "authorities.Authority"
    }


THREE = onde(
    NEW_PUPILS,
    pupil("MOREAU", "LUCIA", "09/04/2018", "CE2", "CE2"),
    pupil("ROUSSEL", "Anaïs", "31/12/2019", "CP A", "CP"),
    pupil("DE LA TOUR", "Zoé", "31/02/2019", "CP A", "CP"),
)


class TestPupils:
    def test_each_line_says_what_it_comes_to_and_nothing_is_written(self, town):
        before = everything()
        whole = town.bring(THREE)
        assert seen(whole) == [
            (2, "Lucia Moreau", "changed", {"school_class": "CE2, École des Tilleuls"}),
            (3, "Anaïs Roussel", "new", {}),
            (4, "Zoé De La Tour", "refused", {}),
            (0, "Paul Moreau", "left", {"school_class": ""}),
        ]
        assert whole.counts == {"changed": 1, "new": 1, "refused": 1, "left": 1}
        assert everything() == before

    def test_nothing_known_is_overwritten_unless_ticked(self, town):
        whole = town.apply(town.bring(THREE))
        assert (whole.state, whole.counts["written"]) == ("applied", 1)
        assert Child.objects.get(pk=town.lucia.pk).school_class_id == town.ce1.pk
        assert Child.objects.get(pk=town.paul.pk).school_class_id == town.ce2.pk
        new = Child.objects.select_related("school_class").get(last_name="Roussel")
        assert (new.first_name, new.birth_date, new.school_class.name) == ("Anaïs", date(2019, 12, 31), "CP A")

    def test_applied_and_undone_leaves_everything_as_it_was(self, town):
        before = everything()
        whole = town.bring(THREE)
        checking.tick_all(whole, "school_class", is_ticked=True, by=AGENT, at=AT)
        checking.tick_all(whole, "left", is_ticked=True, by=AGENT, at=AT)
        whole = town.apply(whole)
        assert whole.counts["written"] == 3
        assert Child.objects.get(pk=town.lucia.pk).school_class_id == town.ce2.pk
        assert Child.objects.get(pk=town.paul.pk).school_class_id is None
        applying.undo_import(whole, by=AGENT, at=AT + timedelta(hours=23))
        whole.refresh_from_db()
        assert (whole.state, whole.counts["undone"], whole.counts["stays"]) == ("undone", 3, 0)
        assert everything() == before

    def test_the_old_layout_says_the_same(self, town):
        rows = "MOREAU;;Lucia;2018-04-09;F;1 rue du Bac;77000;MELUN;FRANCE;CYCLE II;CE1;CE1;O;N;"
        assert seen(town.bring(onde(OLD_PUPILS, rows)))[0] == (2, "Lucia Moreau", "unchanged", {})

    def test_a_second_import_of_the_same_file_finds_nothing_new(self, town):
        town.apply(town.bring(THREE))
        assert town.bring(THREE).counts == {"changed": 1, "unchanged": 1, "refused": 1, "left": 1}


class TestBetweenTheTwoComparisons:
    def test_a_correction_made_meanwhile_stops_everything_and_the_agent_looks_again(self, town):
        whole = town.bring(THREE)
        checking.tick_all(whole, "school_class", is_ticked=True, by=AGENT, at=AT)
        with permitted("factory"):
            Child.objects.filter(pk=town.lucia.pk).update(school_class=None)
        whole = town.apply(whole)
        assert (whole.state, whole.trouble) == ("checked", applying.CHANGED_SINCE)
        assert not Child.objects.filter(last_name="Roussel").exists()
        checking.compare_again(whole, by=AGENT, at=AT)
        assert town.apply(whole).state == "applied"
        assert Child.objects.get(pk=town.lucia.pk).school_class_id == town.ce2.pk

    def test_what_was_applied_is_not_applied_twice(self, town):
        whole = town.apply(town.bring(THREE))
        with pytest.raises(checking.ImportIsElsewhereError):
            applying.apply_import(whole, by=AGENT, at=AT)
        with pytest.raises(checking.ImportIsElsewhereError):
            checking.choose_lines(whole, Choices(taken={0: True}), by=AGENT, at=AT)


class TestUndoing:
    def test_what_was_used_or_changed_since_stays_and_is_listed(self, town):
        whole = town.bring(THREE)
        checking.tick_all(whole, "school_class", is_ticked=True, by=AGENT, at=AT)
        whole = town.apply(whole)
        new = Child.objects.get(last_name="Roussel")
        with permitted("factory"):
            Custody.objects.create(authority=town.authority, child=new, family=town.family, starts_on=ON)
            Child.objects.filter(pk=town.lucia.pk).update(school_class=None)
        applying.undo_import(whole, by=AGENT, at=AT)
        left = {one.number: one.left_as for one in ImportLine.objects.exclude(left_as="")}
        assert left == {2: "changed", 3: "in_use"}
        assert Child.objects.filter(pk=new.pk, school_class__name="CP A").exists()
        assert Child.objects.get(pk=town.lucia.pk).school_class_id is None

    def test_a_day_later_it_is_too_late(self, town):
        whole = town.apply(town.bring(THREE))
        with pytest.raises(applying.TooLateToUndoError):
            applying.undo_import(whole, by=AGENT, at=AT + timedelta(days=1))
        assert SchoolClass.objects.filter(name="CP A").exists()


class TestChoosing:
    def test_somebody_who_may_be_known_is_asked_about_never_guessed(self, town):
        whole = town.bring(onde(NEW_PUPILS, pupil("MOREAU-DUVAL", "Lucia", "04/09/2018", "CE1")))
        (line, _left) = map(kept, lines_of(whole))
        assert (line.row.verdict, [one.key for one in line.candidates]) == ("ambiguous", [town.lucia.pk])
        assert town.apply(whole).counts["written"] == 0

    def test_said_to_be_her_the_line_is_about_her(self, town):
        whole = town.bring(onde(NEW_PUPILS, pupil("MOREAU-DUVAL", "Lucia", "04/09/2018", "CE1")))
        checking.choose_lines(whole, Choices(decided={0: str(town.lucia.pk)}), by=AGENT, at=AT)
        assert seen(whole)[0] == (
            2, "Lucia Moreau-Duval", "changed", {"last_name": "Moreau-Duval", "birth_date": "04/09/2018"},
        )  # fmt: skip
        checking.choose_lines(whole, Choices(ticked={0: frozenset({"last_name"})}), by=AGENT, at=AT)
        town.apply(whole)
        lucia = Child.objects.get(pk=town.lucia.pk)
        assert (lucia.last_name, lucia.birth_date) == ("Moreau-Duval", date(2018, 4, 9))

    def test_said_to_be_somebody_else_she_is_new(self, town):
        whole = town.bring(onde(NEW_PUPILS, pupil("MOREAU-DUVAL", "Lucia", "04/09/2018", "CE1")))
        checking.choose_lines(whole, Choices(decided={0: "new"}), by=AGENT, at=AT)
        town.apply(whole)
        assert Child.objects.filter(first_name="Lucia").count() == 2

    def test_a_candidate_of_nowhere_is_nobody(self, town):
        whole = town.bring(onde(NEW_PUPILS, pupil("MOREAU-DUVAL", "Lucia", "04/09/2018", "CE1")))
        checking.choose_lines(whole, Choices(decided={0: "999999"}), by=AGENT, at=AT)
        assert seen(whole)[0][2] == "ambiguous"


class TestWhoIsKeptOut:
    """Maria Moreau may not see the file of Lucia and Paul any more; a file says that they live with her elsewhere."""

    TITLES = (
        "Nom responsable;Prénom responsable;Adresse responsable;CP responsable;Commune responsable;Courriel;"
        "Nom de famille enfant;Prénom enfant"
    )
    ROWS = (
        "MOREAU ROY;Maria;8 rue Neuve;77000;MELUN;m2@exemple.fr;MOREAU;Lucia",
        "ROY;M.;8 rue Neuve;77000;MELUN;MARIA@exemple.fr;MOREAU;Lucia",
        "PETIT;Ana;8 rue Neuve;77000;MELUN;ana@exemple.fr;MOREAU;Paul",
    )

    @pytest.fixture
    def removal(self, town):
        with permitted("test"):
            maria = town.family.guardians.get()
            maria.first_name, maria.last_name, maria.email = "Maria", "Moreau", "maria@exemple.fr"
            maria.save()
            Family.objects.filter(pk=town.family.pk).update(address="1 rue du Bac, 77000 Melun")
        return self.remove(maria)

    def remove(self, guardian):
        return remove_access(guardian, kind="court_order", by=AGENT, at=AT, machine=clock.machine_now())

    def bring(self, town):
        return town.bring(onde(self.TITLES, *self.ROWS), "onde-responsables")

    def test_her_lines_are_refused_and_named_and_nothing_of_her_is_written(self, town, removal):
        for count, verdicts in ((1, ["refused", "refused", "new"]), (0, ["refused", "refused", "unchanged"])):
            whole = self.bring(town)
            assert [verdict for _number, _label, verdict, _fields in seen(whole)] == verdicts
            assert whole.counts["kept_out"] == 2
            assert kept(lines_of(whole)[1]).words == (KEPT_OUT, "Personne concernée : M. Roy, pour Lucia Moreau.")
            whole = town.apply(whole)
            assert (whole.state, whole.counts["written"]) == ("applied", count)
        assert {one.first_name for one in Guardian.objects.all()} == {"Maria", "Ana"}
        assert list(Custody.objects.filter(child=town.lucia).values_list("family", flat=True)) == [town.family.pk]
        # What is not hers is not said either: neither why, nor of which file.
        assert "justice" not in lines_of(whole)[0].content

    def test_she_comes_in_once_her_access_is_given_back_and_the_lines_compared_again(self, town, removal):
        whole = self.bring(town)
        restore_access(removal, by=AGENT, at=AT)
        checking.compare_again(whole, by=AGENT, at=AT)
        whole.refresh_from_db()
        assert (whole.counts["new"], "kept_out" in whole.counts) == (3, False)
        whole = town.apply(whole)
        assert (whole.state, whole.trouble, whole.counts["written"]) == ("applied", "", 3)
        assert Custody.objects.filter(child=town.lucia).count() == 2

    def test_removed_after_the_lines_were_looked_over_nothing_is_written(self, town, removal):
        restore_access(removal, by=AGENT, at=AT)
        whole = self.bring(town)
        self.remove(Guardian.objects.get())
        before = everything()
        whole = town.apply(whole)
        assert (whole.state, whole.trouble) == ("checked", applying.CHANGED_SINCE)
        assert everything() == before

    def test_a_child_does_not_come_where_she_acts_already(self, town, removal):
        account = removal.memberships.get().user
        own = make_family(town.authority, "Roy", user=account)
        titles = "Nom de l'enfant;Prénom de l'enfant;Date de naissance;Numéro de dossier"
        whole = town.bring(onde(titles, f"Moreau;Lucia;09/04/2018;{own.code}"), "enfants-responsables")
        assert seen(whole)[0][2] == "refused"
        town.apply(whole)
        assert not Custody.objects.filter(family=own).exists()
        # Once the town hall itself has said where Lucia lives, her former home keeps nobody from her.
        change_custody(town.lucia, [own], starts_on=ON, by=AGENT, at=AT)
        assert seen(town.bring(onde(self.TITLES, self.ROWS[0]), "onde-responsables"))[0][2] == "new"


class TestWhatIsKept:
    def test_names_are_only_in_cipher_and_neither_in_the_journal_nor_in_the_queue(self, town):
        whole = town.apply(town.bring(THREE))
        told = repr(list(AuditEntry.objects.values())) + repr(list(ProcrastinateJob.objects.values()))
        assert "Roussel" not in told
        assert "Moreau" not in told
        assert AuditEntry.objects.filter(verb="import_row", object_type="child").count() == 1
        assert "Roussel" in kept(lines_of(whole)[1]).label

    def test_an_abandoned_import_says_nothing_more(self, town):
        whole = town.bring(THREE)
        checking.abandon_import(whole, by=AGENT, at=AT)
        whole.refresh_from_db()
        assert (whole.state, whole.stored_as, whole.name, lines_of(whole).count()) == ("abandoned", None, "", 0)

    def test_after_a_month_only_that_it_was_made_is_left(self, town):
        whole = town.apply(town.bring(THREE))
        stored = whole.stored_as
        with clock.visiting(AT + timedelta(days=29)):
            jobs.forget.func(0)
        assert ImportLine.objects.exists()
        with clock.visiting(AT + timedelta(days=31)):
            jobs.forget.func(0)
        whole.refresh_from_db()
        assert (whole.state, whole.stored_as, lines_of(whole).count()) == ("applied", None, 0)
        assert whole.counts["written"] == 1
        assert ProcrastinateJob.objects.filter(task_name="files.forget", args__name=stored).exists()
        assert files.read(stored)  # until the job has run


def test_an_import_of_another_town_is_nobodys(town):
    whole = town.bring(THREE)
    with tenancy.scope({make_authority("Ailleurs").pk}):
        assert not Import.objects.filter(pk=whole.pk).exists()


def test_how_far_a_write_is_is_seen_by_others_before_it_ends_and_nothing_is_left_of_it():
    with transaction.atomic(), closing(connection.copy()) as other, other.cursor() as cursor:
        progress.tell("import", 7, 42)
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'marelle import 7 42'")
        assert cursor.fetchone() == (1,)
        assert (progress.of("import", 7), progress.of("import", 77)) == (42, None)
        transaction.set_rollback(True)
    assert progress.of("import", 7) is None
