"""Loading an authority from a file: twice changes nothing, the office wins, what is wrong is refused whole."""

import hashlib
from argparse import Namespace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count, F

from marelle.commands import load as command
from marelle.commands.generate import KNOWN_FAMILY, generate_authority
from marelle.commands.refusal import Refused
from marelle.domain.accounts.models import Agent, Grant, User
from marelle.domain.authorities.models import Authority, LoadedRecord
from marelle.domain.catalog.models import Activity, ClosureDay, Product, Reglement, Service, Slot, SlotTemplate, Tariff
from marelle.domain.families.models import (
    Child,
    Family,
    FamilyQuotient,
    HealthRecord,
    Membership,
)
from marelle.domain.families.operations.quotients import record_quotient, withdraw_quotient
from marelle.domain.news.models import Article
from marelle.domain.onboarding.operations.loading import load
from marelle.domain.onboarding.queries.authority_file.reading import read_file
from marelle.domain.reservations.models import (
    Enrollment,
    KitchenSettings,
    Place,
    Reservation,
    SharedCustody,
)
from marelle.domain.reservations.queries.custody import responsible_homes
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.foundation.yaml_files import InvalidFile, UnreadableFile

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TOWN = """\
authority:
  slug: essai
  name: Essai
  department: "77"
  school_zone: C
  siret: "217 701 549 00016"
  phone: 01 02 03 04 05
regies:
  - {code: regie, name: Régie}
facilities:
  - code: ecole
    name: École
    classes:
      - {code: cp, name: CP, level: CP, teacher: Mme Nguyen}
services:
  - code: cantine
    name: Cantine
    regie: regie
    activities:
      - code: cantine
        name: Cantine
        facility: ecole
        starts_on: 2026-09-01
        ends_on: 02/07/2027
        term_weekdays: [mon, tue, thu, fri]
        slots: [{code: midi, name: Midi, starts_at: "11:45", ends_at: "13:30", capacity: 10}]
        products:
          - code: repas
            name: Repas
            noun: repas
            plural: repas
            takes: [midi]
            tariffs: [{valid_from: 2026-09-01, price: "3,85", resolution: D-31}]
        reglements:
          - valid_from: 2026-09-01
            book: {shape: offset, count: 1, unit: school_day, time: "09:00"}
            article: article 6
kitchens:
  - {service: cantine, emails: [Cuisine@exemple.fr], days_before: 1, at_time: "10:30"}
calendar:
  closures:
    - {reason: journée pédagogique, starts_on: 2026-12-07}
families:
  - code: F1
    name: Durand
    email: durand@exemple.fr
    quotients: [{valid_from: 01/09/2026, value: "742,00"}]
    guardians:
      - {first_name: Ana, last_name: Durand, email: Ana@exemple.fr, has_account: true}
    children:
      - code: E1
        first_name: Zoé
        birth_date: 03/02/2019
        class: ecole/cp
        health: {diet: sans porc, care_plan: Trousse au bureau, care_plan_until: 2027-08-31}
        enrollments: [{activity: cantine}]
agents:
  - {email: agent@exemple.fr, name: Agent, grants: [{role: administer}]}
articles:
  - {code: bienvenue, title: Bienvenue, body: Bonjour, published_on: 2026-09-01}
"""


@pytest.fixture
def write(tmp_path):
    def write(text=TOWN, **changes):
        for before, after in changes.items():
            assert before in text
            text = text.replace(before, after)
        path = tmp_path / "essai.yaml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def town(db, write, in_scope):
    loaded = bring(write())
    in_scope(loaded.authority)
    return loaded


def bring(path, *, force=False):
    return load(read_file(path), force=force, accept_passwords=False, by=SYSTEM, at=AT)


def changed(text, before, after):
    assert before in text
    return text.replace(before, after)


def refusals(path):
    with pytest.raises(InvalidFile) as refused:
        bring(path)
    return [fault.in_words("f") for fault in refused.value.faults]


def test_a_town_does_not_take_the_address_of_a_page(db, write):
    refused = refusals(write(changed(TOWN, "slug: essai", "slug: compte")))

    assert refused == ["f:2: authority.slug : « compte » est une adresse du site : choisissez un autre nom"]


def everything():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name ~ "
            "'^(authorities|accounts|families|catalog|news|reservations|foundation)_' ORDER BY 1"
        )
        said = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t")
            said.append((table, cursor.fetchone()[0]))
    return said


def test_a_file_becomes_an_authority(town):
    assert Authority.objects.get().siret == "21770154900016"
    assert "--light-accent" in Authority.objects.get().palette_css
    assert Service.objects.get().regie.code == "regie"
    activity = Activity.objects.get()
    assert (activity.ends_on, activity.term_weekdays, activity.facility.code) == (
        date(2027, 7, 2),
        [0, 1, 3, 4],
        "ecole",
    )
    assert (SlotTemplate.objects.get().starts_at, SlotTemplate.objects.get().capacity) == (time(11, 45), 10)
    assert Tariff.objects.get().rules == {"price": "3,85"}
    assert Reglement.objects.get().rules["article"] == "article 6"
    assert ClosureDay.objects.get().ends_on == date(2026, 12, 7)
    assert Child.objects.get().school_class.name == "CP"
    assert Child.objects.get().last_name == "Durand"
    assert Enrollment.objects.get().ends_on == date(2027, 7, 2)
    assert Membership.objects.get().user.email == "ana@exemple.fr"
    quotient = FamilyQuotient.objects.get()
    assert (quotient.value_cents, quotient.valid_from, quotient.source) == (742_00, date(2026, 9, 1), "file")
    assert (quotient.recorded_at, quotient.recorded_by) == (AT, None)
    assert Grant.objects.get().role == Grant.Role.ADMINISTER
    assert Article.objects.get().body == "Bonjour"
    kitchen = KitchenSettings.objects.get()
    assert (kitchen.service.code, kitchen.facility, kitchen.emails) == ("cantine", None, ["Cuisine@exemple.fr"])
    assert (kitchen.days_before, kitchen.at_time, kitchen.attaches_pdf) == (1, time(10, 30), True)
    assert Slot.objects.count() > 130
    assert not Slot.objects.filter(date=date(2026, 12, 7)).exists()


def test_health_is_encrypted_and_digests_tell_nothing(town):
    with connection.cursor() as cursor:
        cursor.execute("SELECT diet FROM families_healthrecord")
        (stored,) = cursor.fetchone()
    record = LoadedRecord.objects.get(kind="families.healthrecord")

    assert HealthRecord.objects.get().diet == "sans porc"
    assert HealthRecord.objects.get().care_plan_until == date(2027, 8, 31)
    assert "porc" not in stored
    assert hashlib.sha256(b"sans porc").hexdigest()[:32] not in record.digests.values()


def test_loading_twice_changes_nothing_at_all(town, write):
    before = everything()

    again = bring(write())

    assert not again.has_changed
    assert everything() == before


def test_a_new_version_of_the_file_updates_what_it_changes_and_nothing_else(town, write):
    version = Authority.objects.get().catalog_version

    again = bring(write(changed(TOWN, '"3,85"', '"4,10"')))

    assert dict(again.changed) == {"Tariff": 1}
    assert not again.created
    assert Tariff.objects.get().rules == {"price": "4,10"}
    assert Authority.objects.get().catalog_version > version


def test_a_change_of_families_only_leaves_the_catalog_version(town, write):
    version = Authority.objects.get().catalog_version

    bring(write(changed(TOWN, "durand@exemple.fr", "durant@exemple.fr")))

    assert Family.objects.get().email == "durant@exemple.fr"
    assert Authority.objects.get().catalog_version == version


def test_what_the_office_edited_wins_and_is_reported_with_its_line(town, write):
    with permitted("the office"):
        Family.objects.update(name="Dupont")
    text = changed(changed(TOWN, "name: Durand\n", "name: Durant\n"), "durand@exemple.fr", "durant@exemple.fr")

    again = bring(write(text))

    family = Family.objects.get()
    assert (family.name, family.email) == ("Dupont", "durant@exemple.fr")
    line = text.splitlines().index("    name: Durant") + 1
    assert [kept.in_words("f") for kept in again.kept] == [
        f"f:{line}: families[1].name : modifié par la mairie depuis, gardé tel quel"
    ]
    assert not bring(write(text)).has_changed


def test_a_kitchen_that_the_office_changed_stays_as_it_wants_it(town, write):
    with permitted("the office"):
        KitchenSettings.objects.update(emails=["chef@exemple.fr"])

    again = bring(write(changed(TOWN, 'days_before: 1, at_time: "10:30"', "days_before: 2")))

    kitchen = KitchenSettings.objects.get()
    assert (kitchen.emails, kitchen.days_before, kitchen.at_time) == (["chef@exemple.fr"], 2, time(10, 30))
    assert dict(again.changed) == {"KitchenSettings": 1}
    assert [kept.in_words("f").partition(": ")[2] for kept in again.kept] == [
        "kitchens[1].emails : modifié par la mairie depuis, gardé tel quel"
    ]


def test_a_quotient_that_the_office_noted_or_withdrew_stays_as_it_left_it(town, write):
    withdraw_quotient(FamilyQuotient.objects.get(), by=SYSTEM, at=AT)
    noted = {"value_cents": 600_00, "valid_from": date(2026, 11, 1), "source": "document", "by": SYSTEM, "at": AT}
    record_quotient(Family.objects.get(), **noted)
    text = changed(TOWN, 'value: "742,00"}', 'value: "742,00"}, {valid_from: 2026-11-01, value: "700,00"}')

    again = bring(write(text))

    assert [kept.key for kept in again.kept] == ["families[1].quotients[2].value"]
    assert list(FamilyQuotient.objects.order_by("pk").values_list("value_cents", "withdrawn_at")) == [
        (742_00, AT),
        (600_00, None),
    ]
    for force in (False, True):
        bring(write(changed(TOWN, '"742,00"', '"99,00"')), force=force)
        assert FamilyQuotient.objects.filter(value_cents=742_00, withdrawn_at=AT).count() == 1


def test_force_overwrites_what_the_office_edited(town, write):
    with permitted("the office"):
        Family.objects.update(name="Dupont")
        HealthRecord.objects.update(diet="")

    bring(write(), force=True)

    assert Family.objects.get().name == "Durand"
    assert HealthRecord.objects.get().diet == "sans porc"


def test_a_row_removed_by_the_office_stays_removed_unless_forced(town, write):
    with permitted("the office"):
        Article.objects.all().delete()

    again = bring(write())

    assert not Article.objects.exists()
    assert [kept.reason for kept in again.kept] == ["supprimé par la mairie depuis, laissé ainsi"]
    bring(write(), force=True)
    assert Article.objects.count() == 1


def test_nothing_is_ever_deleted(town, write):
    bring(write(TOWN[: TOWN.index("families:")]))

    assert (Family.objects.count(), Agent.objects.count(), Article.objects.count()) == (1, 1, 1)


def test_what_the_file_no_longer_says_is_not_touched(town, write):
    bring(write(changed(TOWN, "    email: durand@exemple.fr\n", "")))

    assert Family.objects.get().email == "durand@exemple.fr"


def test_a_new_capacity_reaches_the_coming_slots_but_not_those_the_office_sized(town, write):
    with permitted("the office"):
        Slot.objects.filter(date=date(2026, 12, 1)).update(capacity=30)

    bring(write(changed(TOWN, "capacity: 10", "capacity: 12")))

    coming = dict(Slot.objects.filter(date__gte=AT.date()).values_list("capacity").annotate(Count("pk")))
    assert coming.pop(30) == 1
    assert set(coming) == {12}
    assert set(Slot.objects.filter(date__lt=AT.date()).values_list("capacity", flat=True)) == {10}


def test_a_capacity_below_the_places_taken_is_refused_with_its_line(town, write):
    with permitted("families"):
        Slot.objects.filter(date=date(2026, 12, 1)).update(taken=7)
    text = changed(TOWN, "capacity: 10", "capacity: 6")

    said = refusals(write(text))

    line = next(number for number, words in enumerate(text.splitlines(), 1) if "capacity: 6" in words)
    key = f"f:{line}: services[1].activities[1].slots[1].capacity"
    assert said == [f"{key} : 6 places, alors que 7 sont déjà prises un des jours à venir"]
    assert SlotTemplate.objects.get().capacity == 10


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("name: Essai", "nom: Essai", "authority.nom : champ inconnu"),
        ("217 701 549 00016", "217 701 549 00017", "clé de contrôle"),
        ('department: "77"', "department: 77", "authority.department : du texte est attendu"),
        ("school_zone: C", "school_zone: D", "valeurs possibles : 'A', 'B', 'C' ou ''"),
        ("regie: regie", "regie: autre", "la régie « autre » n’est pas dans le fichier"),
        ("class: ecole/cp", "class: ecole/ce9", "la classe « ecole/ce9 » n’est pas dans le fichier"),
        ("takes: [midi]", "takes: [soir]", "l’activité n’a pas de séance « soir »"),
        ("activity: cantine}", "activity: cantine, ends_on: 2028-01-01}", "l’activité finit le 02/07/2027"),
        ("activity: cantine}", "activity: cantine, starts_on: 2026-08-01}", "ne commence que le 01/09/2026"),
        ("[{activity: cantine}]", "[{activity: cantine}, {activity: cantine}]", "déjà inscrit"),
        ("starts_on: 2026-12-07", "starts_on: 2026-13-07", "une date est attendue"),
        ("ends_on: 02/07/2027", "ends_on: 02/07/2026", "l’activité finit avant de commencer"),
        ('ends_at: "13:30"', 'ends_at: "11:30"', "la séance finit avant de commencer"),
        ("count: 1", "count: oui", "reglements[1].book.count : un nombre entier"),
        ("shape: offset", "shape: ofset", "reglements[1].book.shape : forme inconnue"),
        ('price: "3,85"', "price: 3.85", "un prix est attendu"),
        ('price: "3,85"', 'price: "trois"', "un montant entre guillemets est attendu"),
        ("{service: cantine,", "{service: goûter,", "kitchens[1].service"),
        ("{service: cantine,", "{service: bus,", "le service « bus » n’est pas dans le fichier"),
        ("{service: cantine,", "{service: cantine, facility: x,", "l’établissement « x » n’est pas dans le fichier"),
        ("kitchens:\n", "kitchens:\n  - {service: cantine}\n", "la cuisine de « cantine » est déjà dans le fichier"),
        ("[Cuisine@exemple.fr]", "[cuisine]", "une adresse e-mail est attendue"),
        ("[Cuisine@exemple.fr]", "[a@b.fr, a@b.fr]", "une adresse est écrite deux fois"),
        ("days_before: 1", "days_before: 11", "days_before : 10 au plus"),
        ("{code: regie, name: Régie}", "{code: regie, name: R}\n  - {code: regie, name: S}", "déjà dans le fichier"),
        ("name: Essai", "name: Essai\n  name: Essai", "deux fois"),
        ("capacity: 10", "capacity: -1", "au moins 0"),
        ("agent@exemple.fr", "agent", "agents[1].email"),
        ("has_account: true", "has_account: true, demonstration_password: douze-caracteres", "dans une démonstration"),
        ("role: administer", "role: roi", "valeurs possibles"),
        ('value: "742,00"', "value: 742", "un quotient entre guillemets est attendu"),
        ('value: "742,00"', 'value: "25000"', "n’existe pas"),
        ('value: "742,00"', 'value: "-5,00"', "montant illisible"),
        ('value: "742,00"}', 'value: "742,00"}, {valid_from: 2026-09-01, value: "600,00"}', "déjà dans le fichier"),
        ("phone: 01 02 03 04 05", "logo: absent.svg", "le logo absent.svg ne se lit pas"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_whole_with_its_line(db, write, before, after, reason):
    text = changed(TOWN, before, after)

    said = refusals(write(text))

    assert any(reason in words for words in said), said
    wrong_line = next(
        number
        for number, (old, new) in enumerate(zip(TOWN.splitlines(), text.splitlines(), strict=False), 1)
        if old != new
    )
    assert (
        any(words.startswith((f"f:{wrong_line}:", f"f:{wrong_line + 1}:")) for words in said) or "authority" in said[0]
    )
    assert not Authority.objects.exists()
    assert not User.objects.exists()


def test_all_the_mistakes_are_told_at_once(db, write):
    text = changed(changed(TOWN, "name: Essai", "nom: Essai"), "capacity: 10", "capacity: dix")

    said = refusals(write(text))

    assert len(said) == 3


@pytest.mark.parametrize(
    "text",
    ["", "- 1", "authority: [", "a: &a [*a]", "authority: *nowhere", "\x00", "a: b\n---\nc: d", "[" * 1500, "1: 2"],
    ids=["empty", "list", "unclosed", "itself", "alias", "control", "two documents", "deep", "number key"],
)
def test_what_is_not_a_description_is_refused(write, text):
    with pytest.raises(InvalidFile):
        read_file(write(text))


def test_aliases_that_multiply_themselves_are_cut_off(write):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    with pytest.raises(InvalidFile):
        read_file(write("\n".join(lines)))


def test_a_file_that_cannot_be_read_is_not_an_invalid_one(tmp_path):
    (tmp_path / "latin.yaml").write_bytes("é".encode("latin-1"))

    for path in (tmp_path / "absent.yaml", tmp_path, tmp_path / "latin.yaml"):
        with pytest.raises(UnreadableFile):
            read_file(path)


def test_the_command_ends_with_a_status_for_each_case(db, write, tmp_path, capsys):
    def status(path):
        return command.run(Namespace(file=path, force=False))

    assert status(write()) == 0
    assert "1 collectivité" in capsys.readouterr().out
    assert status(write()) == 0
    assert "rien à changer" in capsys.readouterr().out
    path = write(changed(TOWN, "capacity: 10", "capacity: dix"))
    assert status(path) == command.INVALID
    assert f"{path}:26: services[1].activities[1].slots[1].capacity" in capsys.readouterr().err
    assert status(tmp_path / "absent.yaml") == command.UNREADABLE


def test_an_account_keeps_its_password_and_may_belong_to_two_authorities(town, write):
    with permitted("her own choice"):
        ana = User.objects.get(email="ana@exemple.fr")
        ana.set_password("un mot de passe à elle")
        ana.save()

    bring(write(changed(TOWN, "slug: essai", "slug: autre")))

    with tenancy.every_authority():
        assert Membership.objects.filter(user=ana).count() == 2
    assert User.objects.get(email="ana@exemple.fr").check_password("un mot de passe à elle")


def assert_places_are_counted():
    assert not Slot.objects.annotate(held=Count("places")).exclude(taken=F("held")).exists()
    assert not Slot.objects.filter(taken__gt=F("capacity")).exists()


def test_a_generated_authority_counts_its_places_and_knows_one_family(db):
    authority = generate_authority(30, 1, by=SYSTEM, at=AT)

    with tenancy.scope({authority.pk}):
        assert_places_are_counted()
        assert Family.objects.count() == 30
        assert Product.objects.count() == 6
        known = Membership.objects.get(user__email=KNOWN_FAMILY)
        children = Child.objects.filter(custodies__family=known.family)
        assert children.count() == 3
        assert Enrollment.objects.filter(child__in=children).count() == 15
        assert Reservation.objects.count() > 500
        assert Place.objects.count() == Reservation.objects.count()
        # Some children have two homes, and each day is reserved by the one that has it.
        shared = list(SharedCustody.objects.values_list("child", flat=True))
        reserved = Reservation.objects.filter(child__in=shared).values_list("child", "date", "family")
        days = [day for _child, day, _family in reserved]
        homes = responsible_homes(shared, first=min(days), last=max(days), authority=authority.pk)
        assert {homes.home(child, day) == family for child, day, family in reserved} == {True}
        assert len({(child, family) for child, _day, family in reserved}) > len({child for child, *_ in reserved}) > 0


def test_the_same_seed_makes_the_same_families(db):
    seen = []
    for _ in range(2):
        authority = generate_authority(5, 7, by=SYSTEM, at=AT)
        with tenancy.scope({authority.pk}):
            seen.append(list(Child.objects.order_by("code").values_list("first_name", "birth_date", "public_id")))
        with permitted("test"), tenancy.scope({authority.pk}):
            Authority.objects.filter(pk=authority.pk).delete()

    assert seen[0] == seen[1]


def test_a_second_authority_of_the_same_name_is_refused(db):
    generate_authority(2, 1, by=SYSTEM, at=AT)

    with pytest.raises(Refused):
        generate_authority(2, 1, by=SYSTEM, at=AT)


def test_a_load_leaves_lines_in_the_journal_without_names(town):
    lines = AuditEntry.objects.filter(authority_key=town.authority.pk)

    assert lines.filter(verb="save_rows", object_type="child").count() == 1
    assert "Zoé" not in str(list(lines.values()))


def test_the_files_of_the_demonstration_are_beside_the_program():
    assert all((Path(command.DEMONSTRATION) / name).is_file() for name in command.DEMONSTRATION_FILES)


@pytest.mark.parametrize(
    ("book", "reason"),
    [
        (
            '{shape: date_list, by_month: {2026-12: "2026-11-24"}}',
            "aucune date n’est publiée pour ce mois (le 23/11/2026, par exemple)",
        ),
        (
            '{closes: {shape: offset, count: 1}, opens: [{at: "2040-01-01 08:00"}]}',
            "cela fermerait avant d’ouvrir (le 23/11/2026, par exemple)",
        ),
        ("{shape: offset, count: 1}, limits: [{at_least: 3, per: week}, {at_most: 2, per: week}]", ""),
    ],
)
def test_a_reglement_that_makes_no_sense_on_its_calendar_is_refused_with_its_line(db, write, book, reason):
    if not reason:
        book, limits = book.split(", limits: ")
        after = f"{book}\n            limits: {limits}"
        reason = "le minimum dépasse le maximum"
    else:
        after = book
    text = changed(TOWN, '{shape: offset, count: 1, unit: school_day, time: "09:00"}', after)

    said = refusals(write(text))

    assert any(words.startswith("f:") and reason in words for words in said), said
    assert all("reglements[1]" in words for words in said)
    assert not Authority.objects.exists()
