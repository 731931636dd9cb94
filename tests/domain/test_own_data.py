"""What somebody downloads of what is kept about them, and what erasing an account leaves."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core import mail
from django.db import connection
from django.db.models import ForeignKey
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from marelle.config.retention import read_register
from marelle.domain.accounts.models import User
from marelle.domain.families.models import Custody, Guardian, Membership
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.procedures.operations.erasure import UnableToEraseError, WhyKept, erase_account
from marelle.domain.reservations.models import Attendance
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.letters.documents.drawing import own_data_pdf
from marelle.letters.models import Letter
from marelle.letters.own_data import SECRET, as_json, label_of, own_data
from marelle.letters.own_data_document import own_data_document
from marelle.letters.sending import hand_over, prepare, send
from marelle.letters.writing import Draft, words
from tests.domain.household import NOW, Household
from tests.factories.town import make_agent, make_child, make_family, make_reservation, make_user
from tests.house.whole_town import PERSONAL, make_whole_town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


def account_of(town):
    return User.objects.get(pk=town.home.user)


def told(user):
    return json.loads(as_json(own_data(user, at=NOW)))


def rows_of(told, label):
    (home,) = told["familles"]
    return home["donnees"][label]["lignes"]


class TestDownloading:
    def test_everything_planted_is_there(self):
        town = make_whole_town("Ici")

        written = as_json(own_data(account_of(town), at=NOW))

        # The account number is whole for who signed the mandate.
        assert [one for one in PERSONAL if one not in written] == []
        for said in ("Quenneville-Roy", "Aldegonde Quenneville", '"Photo"', "2026-00001", "742", "06 12 34 56 78"):
            assert said in written
        (document,) = rows_of(json.loads(written), "families.SupportingDocument")
        assert b"attestation de la famille Quenneville" in base64.b64decode(document["stored_as"])

    def test_every_table_that_is_somebody_s_is_there(self):
        """The rows of the town are those of one family and of its account: none is forgotten."""
        town = make_whole_town("Ici")
        register = read_register()["acces"]

        found = told(account_of(town))

        expected = {*register["famille"], *register["enfant"]}
        # A bank line is known by its payment: this town's is not matched yet.
        assert expected - set(found["familles"][0]["donnees"]) <= {"payments.StatementLine"}
        assert {"accounts.User", "families.Membership", "reservations.Basket", "billing.HiddenInvoice"} <= set(
            found["compte"]
        )

    def test_a_table_says_all_its_rows_and_columns_but_technical_ones(self):
        town = make_whole_town("Ici")
        register = read_register()
        found = told(account_of(town))

        for label, path in register["acces"]["famille"].items():
            with tenancy.scope({town.authority.pk}):
                count = apps.get_model(label).objects.filter(**{path: town.home.family.pk}).count()
            lines = found["familles"][0]["donnees"].get(label, {"lignes": []})["lignes"]
            columns = {
                name
                for kind, names in register["tables"][label].items()
                for name in names
                if kind != "technique" and f"{label}.{name}" not in SECRET
            }
            assert len(lines) == count, label
            assert all(set(line) == columns for line in lines), label

    def test_no_password_is_there(self):
        town = make_whole_town("Ici")
        user = account_of(town)

        assert user.password not in as_json(own_data(user, at=NOW))
        assert "password" not in told(user)["compte"]["accounts.User"]["lignes"][0]

    def test_nothing_of_another_home_of_the_same_town_or_of_another_town_is_there(self):
        here, there = make_whole_town("Ici"), make_whole_town("Ailleurs")
        with tenancy.every_authority():
            mine = make_family(here.authority, "Zwingelstein").memberships.get().user
        make_child(make_family(here.authority, "Zwingelstein", user=make_user()), "Cunégonde")

        written = as_json(own_data(mine, at=NOW))

        assert [one for one in (*PERSONAL, "Cunégonde", there.authority.name, "Aldegonde") if one in written] == []
        assert "Zwingelstein" in written

    def test_the_other_home_of_a_shared_child_stays_its_own(self):
        town = make_whole_town("Ici")
        other = Household(town.authority, "Zwingelstein")
        with permitted("factory"), tenancy.scope({town.authority.pk}):
            Custody.objects.create(
                authority=town.authority, child=town.child, family=other.family, starts_on=date(2026, 9, 1)
            )
            other.family.address = "9, impasse du Secret"
            other.family.save()
            theirs = date(2026, 11, 24)
            make_reservation(town.child, town.meal, theirs, family=other.family)
            Attendance.objects.create(
                authority=town.authority,
                child=town.child,
                product=town.meal,
                date=theirs,
                state="present",
                recorded_at=NOW,
            )

        mine, other_s = told(account_of(town)), told(User.objects.get(pk=other.user))

        assert [row["date"] for row in rows_of(mine, "reservations.Attendance")] == ["2026-11-23"]
        assert [row["date"] for row in rows_of(other_s, "reservations.Attendance")] == ["2026-11-24"]
        assert "Secret" not in json.dumps(mine)
        assert "Ysoline" in json.dumps(other_s)
        for hidden in ("Théodorine", "2026-00001", "quenneville@exemple.fr", "Aldegonde", "Quenneville-Roy"):
            assert hidden not in json.dumps(other_s, ensure_ascii=False)

    def test_the_other_guardian_of_the_home_is_not_named_by_an_account_and_reads_no_whole_account_number(self):
        town = make_whole_town("Ici")
        second = make_user("david@exemple.fr")
        with permitted("factory"), tenancy.scope({town.authority.pk}):
            guardian = Guardian.objects.create(
                authority=town.authority, family=town.home.family, first_name="David", last_name="Quenneville"
            )
            Membership.objects.create(
                authority=town.authority, user=second, family=town.home.family, guardian=guardian, joined_at=NOW
            )
        found = told(second)

        assert account_of(town).email not in json.dumps(found)
        (mandate,) = rows_of(found, "payments.DirectDebitMandate")
        assert mandate["iban"] == "FR76 •••• 0189"
        assert {row["signed_by"] for row in [mandate]} == {"une autre personne"}
        assert len(found["compte"]["families.Membership"]["lignes"]) == 1

    def test_several_towns_are_all_there(self):
        here, there = make_whole_town("Ici"), make_whole_town("Ailleurs")
        user = account_of(here)
        make_family(there.authority, "Quenneville", user=user)

        assert sorted(home["collectivite"] for home in told(user)["familles"]) == ["Ailleurs", "Ici"]

    def test_every_column_has_a_french_name(self):
        register = read_register()
        nameless = {
            f"{label}.{field.name}"
            for group in ("compte", "famille", "enfant")
            for label in register["acces"][group]
            for field in apps.get_model(label)._meta.local_fields
            if field.name not in register["tables"][label].get("technique", ())
            and f"{label}.{field.name}" not in SECRET
            and "_" in field.name
            and label_of(field) == field.name.replace("_", " ")
        }

        assert nameless == set()

    def test_as_many_statements_for_many_rows(self, django_assert_num_queries):
        town = make_whole_town("Ici")
        user = account_of(town)
        with CaptureQueriesContext(connection) as few:
            own_data(user, at=NOW)
        for day in range(1, 20):
            make_reservation(town.child, town.meal, date(2027, 1, day), family=town.home.family)
        with django_assert_num_queries(len(few)):
            own_data(user, at=NOW)

    def test_the_pdf_says_it_too_tagged_and_titled(self):
        town = make_whole_town("Ici")

        file = own_data_pdf(own_data_document(own_data(account_of(town), has_files=False, at=NOW)))

        reader = PdfReader(BytesIO(file))
        text = "".join(page.extract_text() for page in reader.pages)
        flat = "".join(text.split())
        for said in ("Mes données personnelles", "Ysoline", "sans arachide", "Aldegonde", "23/11/2026", "Facture"):
            assert "".join(said.split()) in flat
        assert "dans le fichier JSON".replace(" ", "") in flat
        root = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert str(root["/Lang"]).lower().startswith("fr")


def erase(user):
    return erase_account(user, by=Actor(ActorKind.FAMILY, user.pk), at=NOW)


class TestErasing:
    @pytest.fixture
    def town(self):
        return make_whole_town("Ici")

    def test_the_account_says_nothing_of_anybody_and_signs_in_no_more(self, town):
        with permitted("factory"):
            user = User.objects.create_user("theodorine@exemple.fr", "trois petits chats verts")
        make_family(town.authority, "Roy", user=user)

        assert erase(user)

        user = User.objects.get(pk=user.pk)
        assert (user.email, user.is_active, user.last_login) == (
            f"compte-efface-{user.public_id}@marelle.invalid",
            False,
            None,
        )
        assert not user.has_usable_password()
        request = RequestFactory().get("/")
        assert authenticate(request, email="theodorine@exemple.fr", password="trois petits chats verts") is None
        assert not erase(user)
        assert own_data(user, at=NOW).homes == ()

    def test_every_row_of_the_town_that_pointed_to_it_is_still_there(self, town):
        """Receipts, payments, mandates, the journal: all but its memberships, baskets and what it hid."""
        user = account_of(town)
        gone = {"families.Membership", "reservations.Basket", "reservations.BasketLine", "billing.HiddenInvoice"}
        gone |= {"billing.FollowedAccount", "families.CalendarFeed"}

        def rows():
            with tenancy.every_authority():
                return {
                    model._meta.label: list(model._default_manager.order_by("pk").values())
                    for model in apps.get_models()
                    if model._meta.label.split(".")[0] in {"families", "reservations", "billing", "payments", "letters"}
                }

        before, lines = rows(), AuditEntry.objects.count()
        assert erase(user)
        after = rows()

        assert {label for label, found in before.items() if after[label] != found} == gone
        assert all(after[label] == [] for label in gone)
        assert AuditEntry.objects.count() > lines
        assert "quenneville" not in str(list(AuditEntry.objects.values_list("details", flat=True))).lower()

    def test_each_key_to_an_account_is_looked_at(self):
        """A new key to an account is decided here: what keeps the row, what goes with the account."""
        goes = {
            "families.Membership.user",
            "reservations.Basket.user",
            "billing.HiddenInvoice.user",
            "billing.FollowedAccount.user",
            "account.EmailAddress.user",
            "accounts.Session.user",
            "accounts.SecurityEvent.user",
            "accounts.EmailChange.user",
            "accounts.Identity.user",
            "accounts.SiteConsent.user",
            "families.JoinRequest.user",
        }
        keys = {
            f"{model._meta.label}.{field.name}": field.remote_field.on_delete.__name__
            for model in apps.get_models()
            for field in model._meta.local_fields
            if isinstance(field, ForeignKey) and field.related_model is User
        }
        ours = {
            name: rule
            for name, rule in keys.items()
            if apps.get_model(name.rpartition(".")[0]).__module__.startswith("marelle.")
        }

        # An agent's account is not erased by its holder. All else points to an account that stays, nameless.
        assert {name for name, rule in ours.items() if rule == "CASCADE"} == (goes - {"account.EmailAddress.user"}) | {
            "accounts.Agent.user"
        }
        assert {rule for name, rule in ours.items() if rule != "CASCADE"} == {"SET_NULL"}

    def test_the_other_guardian_keeps_their_access(self, town):
        second = make_user("david@exemple.fr")
        with permitted("factory"), tenancy.scope({town.authority.pk}):
            guardian = Guardian.objects.create(
                authority=town.authority, family=town.home.family, first_name="David", last_name="Quenneville"
            )
            Membership.objects.create(
                authority=town.authority, user=second, family=town.home.family, guardian=guardian, joined_at=NOW
            )

        erase(account_of(town))

        with tenancy.every_authority():
            assert [one.user for one in Membership.objects.filter(family=town.home.family)] == [second]
        assert "Théodorine" in as_json(own_data(second, at=NOW))

    def test_another_town_is_left_too_and_another_family_untouched(self, town):
        there = make_whole_town("Ailleurs")
        user = account_of(town)
        make_family(there.authority, "Quenneville", user=user)

        erase(user)

        with tenancy.every_authority():
            assert not Membership.objects.filter(user=user).exists()
            assert Membership.objects.filter(family=there.home.family).exists()
        assert User.objects.get(pk=there.home.user).is_active

    def test_what_libraries_keep_of_it_goes(self, town):
        from allauth.account.models import EmailAddress

        user = account_of(town)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        kept = EmailAddress.objects.create(user=make_user(), email="autre@exemple.fr", verified=True, primary=True)

        erase(user)

        assert list(EmailAddress.objects.all()) == [kept]

    def test_an_agent_s_account_is_not_erased(self, town):
        user = account_of(town)
        make_agent(town.authority, "Nadia", user=user)

        with pytest.raises(UnableToEraseError) as error:
            erase(user)
        assert error.value.why is WhyKept.AGENT
        assert User.objects.get(pk=user.pk).is_active

    def test_a_payment_under_way_is_waited_for(self, town):
        user = account_of(town)
        with permitted("factory"), tenancy.scope({town.authority.pk}):
            PaymentAttempt.objects.create(
                authority=town.authority,
                purpose="top_up",
                user=user,
                family=town.home.family,
                regie=town.attempt.regie,
                payer=town.payer,
                gateway="payfip",
                mode="production",
                number="123456",
                reference="2026ENCOURS",
                exercice=2026,
                label="Porte-monnaie",
                cents=2000,
                state="redirected",
                created_at=NOW,
            )

        with pytest.raises(UnableToEraseError) as error:
            erase(user)
        assert error.value.why is WhyKept.PAYING
        with tenancy.every_authority():
            assert Membership.objects.filter(user=user).exists()

    def test_a_letter_to_a_closed_account_goes_to_the_others_of_the_family(self, town):
        second = make_user("david@exemple.fr")
        with permitted("factory"), tenancy.scope({town.authority.pk}):
            Membership.objects.create(
                authority=town.authority,
                user=second,
                family=town.home.family,
                guardian=town.home.family.guardians.order_by("pk").first(),
                joined_at=NOW,
            )
        user = account_of(town)
        erase(user)

        with tenancy.scope({town.authority.pk}):
            draft = Draft("Objet", (words("Bonjour"),), "La mairie", ())
            by = Actor(ActorKind.SYSTEM)
            send(Letter.Kind.CHANGE_DECIDED, draft, about=1, family=town.home.family, reader=user.pk, by=by, at=NOW)

        assert [message.to for message in mail.outbox] == [["david@exemple.fr"]]


def test_a_letter_that_waited_for_a_closed_account_is_not_sent_to_it():
    town = make_whole_town("Ici")
    user = account_of(town)
    by = Actor(ActorKind.SYSTEM)
    draft = Draft("Objet", (words("Bonjour"),), "La mairie", ())
    with tenancy.scope({town.authority.pk}):
        (letter,) = prepare(
            Letter.Kind.CHANGE_DECIDED, subject="Objet", about=1, family=town.home.family, reader=user.pk, by=by, at=NOW
        )
        erase(user)

        assert not hand_over(letter, draft, by=by, at=NOW)
    assert mail.outbox == []


def test_moments_and_days_are_read_as_people_read_them():
    from marelle.letters.own_data import OwnData, OwnHome, OwnTable, Piece

    row = (
        Piece("a", "jour", "2026-11-23"),
        Piece("b", "moment", "2026-11-23T07:00:00+00:00"),
        Piece("c", "oui ou non", True),
        Piece("d", "vide", ""),
        Piece("e", "liste", ["a", "b"]),
        Piece("f", "dix signes", "2026-99-99"),
    )
    table = OwnTable("families.Family", "famille", (row,))
    data = OwnData("a@b.fr", datetime(2026, 11, 23, 7, tzinfo=UTC), (), (OwnHome("Ici", "Roy", (table, table)),))

    (_account, home) = own_data_document(data).chapters
    (said, _again) = home.parts

    assert said.rows == (
        (
            ("jour", "23/11/2026"),
            (
                "moment",
                "lundi\N{NO-BREAK SPACE}23\N{NO-BREAK SPACE}novembre\N{NO-BREAK SPACE}2026, 8\N{NO-BREAK SPACE}h",
            ),
            ("oui ou non", "oui"),
            ("liste", "a, b"),
            ("dix signes", "2026-99-99"),
        ),
    )
