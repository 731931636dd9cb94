"""Families are found by what is typed, and the database keeps the words right whoever writes."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.families.models import Child, Custody, Family, Guardian, SearchEntry, SearchVariant
from marelle.domain.families.operations.custody import change_custody
from marelle.domain.families.operations.searching import tidy_search
from marelle.domain.families.queries.searching import families_found
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.household import NOW
from tests.factories import town

FROM_THE_START = """
SELECT families_search_families(array_agg(id)) FROM families_family;
SELECT families_search_guardians(array_agg(id)) FROM families_guardian;
SELECT families_search_children(array_agg(id)) FROM families_child;
"""


def entries():
    rows = SearchEntry.objects.values_list("authority_id", "word", "family_id", "source", "source_key")
    return sorted(rows)


def assert_as_from_the_start():
    """What the triggers kept is what is made anew of the files."""
    kept = entries()
    with permitted("test"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM families_searchentry")
        cursor.execute(FROM_THE_START)
    assert kept == entries()


@pytest.fixture
def here(db, in_scope):
    authority = town.make_authority()
    in_scope(authority)
    with permitted("factory"):
        yield authority


def make_home(authority, name, *, guardian=None, child="", **fields):
    family = Family.objects.create(authority=authority, code=fields.pop("code", f"F-{name}"), name=name, **fields)
    if guardian:
        first, last, email, phone = guardian
        Guardian.objects.create(
            authority=authority, family=family, first_name=first, last_name=last, email=email, phone=phone
        )
    if child:
        town.make_child(family, child)
    return family


def found(authority, typed):
    return [Family.objects.get(pk=key).name for key in families_found(typed, authority=authority.pk).families]


@pytest.fixture
def homes(here):
    make_home(
        here,
        "Le Goff",
        code="F-0042",
        guardian=("Élise", "D’Œuvre", "elise.oeuvre77@exemple.fr", "06 12 34 56 78"),
        child="Anne-Laure",
        phone="01 60 00 00 01",
    )
    make_home(here, "Dupont", guardian=("Jean-Baptiste", "Dupont", "", "+33 7 00 00 00 02"), child="Zoé")
    make_home(here, "Dupontel", guardian=("Sacha", "Łukasz", "", ""), child="Jean")
    return here


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("élise", ["Le Goff"]),
        ("ELISE oeuvre", ["Le Goff"]),
        ("d'oeuvre", ["Le Goff"]),
        ("goff le", ["Le Goff"]),
        ("legoff", ["Le Goff"]),
        ("laure anne", ["Le Goff"]),
        ("annelau", ["Le Goff"]),
        ("f-0042", ["Le Goff"]),
        ("F0042", ["Le Goff"]),
        ("0042", ["Le Goff"]),
        ("06 12 34", ["Le Goff"]),
        ("+33 6.12.34.56.78", ["Le Goff"]),
        ("01 60", ["Le Goff"]),
        ("0700000002", ["Dupont"]),
        ("elise.oeuvre77@exemple.fr", ["Le Goff"]),
        ("elise.oe", ["Le Goff"]),
        ("lukasz", ["Dupontel"]),
        # Borne whole first, then begun, then a slip away.
        ("dupont", ["Dupont", "Dupontel"]),
        ("dupomt", ["Dupont"]),
        ("dupotn jean", ["Dupont"]),
        ("zoe dupon", ["Dupont"]),
        ("jean dup", ["Dupont", "Dupontel"]),
        ("elsie", ["Le Goff"]),
        ("dumont", ["Dupont"]),
        ("du", ["Dupont", "Dupontel"]),
        ("dupont goff", []),
        ("%", []),
        ("dup%", ["Dupont", "Dupontel"]),
        ("  ", []),
    ],
)
def test_a_family_is_found_whatever_the_accents_the_order_and_one_slip(homes, typed, names):
    assert found(homes, typed) == names


def test_another_authority_is_never_looked_into(homes, in_scope):
    other = town.make_authority("Ailleurs-sur-Mer")
    with tenancy.scope({other.pk}):
        make_home(other, "Quenneville")
        assert found(other, "quenneville") == ["Quenneville"]

    assert found(homes, "quenneville") == []
    with pytest.raises(tenancy.UnscopedQueryError):
        families_found("dupont", authority=other.pk)


class TestTheWords:
    def test_follow_every_write_however_it_is_made(self, homes):
        goff, dupont = Family.objects.get(name="Le Goff"), Family.objects.get(name="Dupont")
        assert_as_from_the_start()

        Family.objects.filter(pk=goff.pk).update(name="Kerambrun", other_phone="02 00 00 00 09")
        Guardian.objects.filter(family=dupont).update(last_name="Roussel", email="roussel@exemple.fr")
        Child.objects.filter(custodies__family=dupont).update(first_name="Ysoline")
        Guardian.objects.filter(family=goff).update(family=dupont)
        assert_as_from_the_start()
        assert found(homes, "kerambrun") == ["Kerambrun"]
        assert found(homes, "0200000009") == ["Kerambrun"]
        assert found(homes, "ysoline rousel") == ["Dupont"]
        assert found(homes, "elise") == ["Dupont"]
        assert found(homes, "zoe") == []

        dupont.delete()
        assert_as_from_the_start()
        assert found(homes, "roussel") == []

    def test_of_a_child_are_those_of_each_home_and_leave_with_a_custody_that_never_counted(self, homes):
        goff, dupont = Family.objects.get(name="Le Goff"), Family.objects.get(name="Dupont")
        child = Child.objects.get(first_name="Anne-Laure")
        change_custody(child, [goff, dupont], starts_on=date(2026, 12, 1), by=SYSTEM, at=NOW)
        assert found(homes, "anne") == ["Le Goff", "Dupont"]
        assert_as_from_the_start()

        change_custody(child, [goff], starts_on=date(2026, 12, 1), by=SYSTEM, at=NOW)
        assert found(homes, "anne") == ["Le Goff"]
        assert_as_from_the_start()

        Custody.objects.filter(child=child).delete()
        assert found(homes, "anne") == []
        assert_as_from_the_start()

    def test_are_not_written_again_by_a_write_that_changes_none(self, homes):
        before = set(SearchEntry.objects.values_list("pk", flat=True))

        Family.objects.update(address="3, rue des Lilas")
        Guardian.objects.update(relation="mère")
        Child.objects.update(school_class=None)

        assert set(SearchEntry.objects.values_list("pk", flat=True)) == before

    def test_of_a_name_that_nobody_bears_are_forgotten_in_the_night(self, homes):
        Family.objects.filter(name="Dupontel").update(name="Kerambrun", code="F-K")
        Child.objects.filter(last_name="Dupontel").update(last_name="Kerambrun")
        SearchVariant.objects.filter(word="goff").delete()
        SearchVariant.objects.create(authority=homes, variant="zoe", word="zoe")
        assert SearchVariant.objects.filter(word="dupontel").exists()

        tidy_search(homes, by=SYSTEM, at=NOW)

        assert not SearchVariant.objects.filter(word="dupontel").exists()
        assert SearchVariant.objects.filter(variant="zoe", word="zoe").count() == 1
        assert found(homes, "gofg") == ["Le Goff"]
        assert tidy_search(homes, by=SYSTEM, at=NOW) == 0


def test_what_is_asked_does_not_grow_with_the_families(homes):
    def statements():
        with CaptureQueriesContext(connection) as counted:
            families_found("jean dup", authority=homes.pk)
        return len(counted)

    few = statements()
    for number in range(60):
        make_home(homes, f"Dupont {number}", guardian=("Jean", "Martin", "", ""))

    assert statements() == few
    assert few <= 6


def test_what_is_too_common_is_said_to_be_incomplete(here):
    for number in range(450):
        make_home(here, "Martin", code=f"F-{number}")

    assert not families_found("mar", authority=here.pk).is_whole
    assert families_found("f-44", authority=here.pk).is_whole
