"""An agent removes a guardian's access while she presses *Valider*, comes in, or is in a file that is imported.

What is done is whole, and she is out.
"""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction

from marelle.domain.families.models import Child, Custody, Family, Guardian, Membership, MembershipCode
from marelle.domain.families.operations.joining import UnableToJoinError, join_by_code
from marelle.domain.onboarding.operations.imports.applying import apply_import
from marelle.domain.onboarding.operations.imports.checking import ask_to_apply, receive_file
from marelle.domain.onboarding.operations.imports.rows import ChangedSinceError
from marelle.domain.procedures.operations.shutting_out import remove_access
from marelle.domain.reservations.models import Basket, Confirmation, Reservation
from marelle.domain.reservations.operations.baskets import Confirmed, UnableToConfirmBasketError
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.household import FRIDAY, NOW, THURSDAY, Household
from tests.factories.imports import AT, ON, onde
from tests.factories.joining import make_code, make_guardian
from tests.factories.town import make_authority, make_child, make_family, make_product, make_user
from tests.races.test_freed_places import wait_until_somebody_waits_for_a_lock

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


def inside(town, function):
    def run():
        with tenancy.scope({town.pk}):
            return function()

    return run


def removing(guardian):
    return lambda: remove_access(guardian, kind="court_order", by=SYSTEM, at=NOW, machine=clock.machine_now())


@pytest.mark.parametrize("round_", range(4))
def test_a_basket_is_confirmed_whole_before_or_is_no_more(at_once, round_):
    town = make_authority()
    meal = make_product(town)
    with tenancy.scope({town.pk}):
        home = Household(town)
        home.wish(make_child(home.family, products=(meal,)), meal, THURSDAY, FRIDAY)
        content, children, guardian = home.content, home.children, home.family.guardians.get()
    acts = [
        inside(town, lambda: home.valider(content, children=children)),
        inside(town, removing(guardian)),
    ]

    confirmed, removed = at_once(acts) if round_ % 2 else at_once(acts[::-1])[::-1]

    assert removed.guardian_id == guardian.pk
    with tenancy.scope({town.pk}):
        assert not Membership.objects.exists()
        days = Reservation.objects.active().count()
        # Nothing is left that she could confirm.
        assert not Basket.objects.filter(user=home.user, lines__isnull=False).exists()
        if isinstance(confirmed, Confirmed):
            assert (days, Confirmation.objects.count()) == (2, 1)
        else:
            assert isinstance(confirmed, UnableToConfirmBasketError)
            assert (days, Confirmation.objects.count()) == (0, 0)


@pytest.mark.parametrize("round_", range(4))
def test_who_comes_in_at_that_instant_is_out_at_once(at_once, round_):
    town = make_authority()
    guardian = make_guardian(town)
    code, user = make_code(guardian).code, make_user()
    acts = [
        inside(town, lambda: join_by_code(user, code, by=SYSTEM, at=clock.machine_now())),
        inside(town, removing(guardian)),
    ]

    joined, removed = at_once(acts) if round_ % 2 else at_once(acts[::-1])[::-1]

    assert not isinstance(removed, Exception)
    assert isinstance(joined, Membership | UnableToJoinError)
    with tenancy.scope({town.pk}):
        assert not Membership.objects.exists()
        assert not MembershipCode.objects.filter(used_at=None, revoked_at=None).exists()
        assert Guardian.objects.get().access_removals.get().memberships.count() == isinstance(joined, Membership)


TITLES = (
    "Nom responsable;Prénom responsable;Adresse responsable;CP responsable;Commune responsable;Courriel;"
    "Nom de famille enfant;Prénom enfant"
)


def about_to_import(town):
    """Bring a file that says that Lucia has another home with her mother, under two names; it is asked for."""
    family = make_family(town, "Moreau")
    child = make_child(family, "Lucia")
    with permitted("test"):
        Family.objects.update(address="1 rue du Bac, 77000 Melun")
    row = f"MOREAU-ROY;Maria;8 rue Neuve;77000;MELUN;;{child.last_name};Lucia"
    whole = receive_file(
        town, onde(TITLES, row), kind="onde-responsables", name="x.csv", on=ON, by=SYSTEM, at=AT
    )  # fmt: skip
    ask_to_apply(whole, by=SYSTEM, at=AT)
    return child, family.guardians.get(), whole


@pytest.mark.parametrize("round_", range(4))
def test_a_file_that_brings_her_elsewhere_is_imported_whole_before_or_not_at_all(at_once, round_):
    town = make_authority()
    with tenancy.scope({town.pk}):
        child, maria, whole = about_to_import(town)
    acts = [inside(town, lambda: apply_import(whole, by=SYSTEM, at=AT)), inside(town, removing(maria))]

    applied, removed = at_once(acts) if round_ % 2 else at_once(acts[::-1])[::-1]

    assert removed.guardian_id == maria.pk
    with tenancy.scope({town.pk}):
        homes = Custody.objects.filter(child=child).count()
        if isinstance(applied, ChangedSinceError):
            assert (homes, Guardian.objects.count()) == (1, 1)
        else:
            assert (applied["written"], homes, Guardian.objects.count()) == (1, 2, 2)


def test_removed_between_the_comparison_and_the_end_of_an_import_she_is_in_no_file():
    town = make_authority()
    with tenancy.scope({town.pk}):
        child, maria, whole = about_to_import(town)
    outcome = []

    def importing():
        try:
            outcome.append(inside(town, lambda: apply_import(whole, by=SYSTEM, at=AT))())
        except Exception as error:  # noqa: BLE001  the test judges
            outcome.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=importing)
    with transaction.atomic(), tenancy.scope({town.pk}):
        # The custody that is written points to the child: the lines are compared by then, and see no removal yet.
        Child.objects.select_for_update().get(pk=child.pk)
        removing(maria)()
        thread.start()
        wait_until_somebody_waits_for_a_lock()
    thread.join(30)

    assert [type(one) for one in outcome] == [ChangedSinceError]
    with tenancy.scope({town.pk}):
        assert (Custody.objects.count(), Guardian.objects.count(), Membership.objects.count()) == (1, 1, 0)
