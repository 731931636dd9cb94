"""A process is killed in the middle of *Valider*, at any moment: all is recorded, or nothing, and a retry ends it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import urllib.parse
from collections import Counter
from datetime import UTC, date, datetime

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from procrastinate.exceptions import ConnectorException

from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.operations.baskets import Confirmed, confirm_basket, set_wishes
from marelle.domain.reservations.queries.baskets import basket_of
from marelle.domain.reservations.queries.planning import DayKey
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation
from tests.torture.settling import Recorded, assert_every_place_is_counted, recorded_of

pytestmark = [pytest.mark.torture, pytest.mark.django_db(transaction=True)]

KILLS = int(os.environ.get("TORTURE_KILLS", "150"))
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DAYS = [date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 3)]
GIVEN_BACK = date(2026, 12, 4)
# Two children, five days, one reserved day to cancel.
WHOLE = Recorded(lines=0, confirmations=1, reservations=10, requests=1, journal=1, letters=1)
NOTHING = Recorded(lines=11, confirmations=0, reservations=0, requests=0, journal=0, letters=0)


@pytest.fixture
def presser():
    settings = connection.settings_dict
    host = urllib.parse.quote(settings["HOST"], safe="")
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={host}"
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.torture.presser"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": url},
    )

    def press(basket, *, delay=None, is_leaking=False):
        program.stdin.write(json.dumps({**basket, "delay": delay, "is_leaking": is_leaking}) + "\n")
        program.stdin.flush()
        return json.loads(program.stdout.readline())

    yield press
    program.stdin.close()
    program.stdout.close()
    program.wait(10)


@pytest.fixture
def town():
    authority = make_authority()
    return authority, make_product(authority, capacity=10_000)


def full_basket(authority, product):
    family = make_family(authority)
    children = tuple(make_child(family, name, products=(product,)) for name in ("Alvaro", "Sofia"))
    make_reservation(children[0], product, GIVEN_BACK, family=family)
    with tenancy.scope({authority.pk}):
        user = family.memberships.get().user_id
        wishes = {DayKey(child.pk, product.pk, day): True for child in children for day in DAYS}
        wishes[DayKey(children[0].pk, product.pk, GIVEN_BACK)] = False
        filled = set_wishes(
            wishes,
            user=user,
            family=family.pk,
            children=children,
            offer=offer_of(authority),
            by=Actor(ActorKind.FAMILY, user),
            at=AT,
        )
        assert filled.added == 11
        content = basket_of(user, family.pk)
    return {
        "authority": authority.pk,
        "user": user,
        "family": family.pk,
        "key": content.key,
        "revision": content.revision,
        "at": AT.isoformat(),
    }


def press_again(authority, basket):
    with tenancy.scope({authority.pk}):
        return confirm_basket(
            user=basket["user"],
            family=basket["family"],
            children=tuple(children_of(basket["family"], on=AT.date())),
            offer=offer_of(authority),
            key=basket["key"],
            revision=basket["revision"],
            by=Actor(ActorKind.FAMILY, basket["user"]),
            at=AT,
        )


def test_a_process_killed_at_any_moment_of_valider_leaves_all_or_nothing_and_a_retry_records_once(town, presser):
    authority, product = town
    seed = random.SystemRandom().randrange(10**9)
    chance = random.Random(seed)
    calm = [presser(full_basket(authority, product)) for _ in range(5)]
    assert {outcome for outcome, _seconds in calm} == {"done"}
    usual = sorted(seconds for _outcome, seconds in calm)[2]

    found = Counter()
    for _ in range(KILLS):
        basket = full_basket(authority, product)
        presser(basket, delay=chance.uniform(0, 1.2 * usual))

        left = recorded_of(basket["family"])
        assert left in (WHOLE, NOTHING), f"half a basket: {left} (seed {seed})"
        assert_every_place_is_counted()
        found[left == WHOLE] += 1

        outcome = press_again(authority, basket)
        # The server may have ended the dead process's work between our look and our press.
        assert isinstance(outcome, Confirmed)
        assert outcome.is_repeated or left == NOTHING
        assert recorded_of(basket["family"]) == WHOLE
        assert press_again(authority, basket).is_repeated
        assert recorded_of(basket["family"]) == WHOLE

    assert_every_place_is_counted()
    with tenancy.scope({authority.pk}):
        assert Reservation.objects.filter(confirmation__isnull=False).count() == 10 * (KILLS + len(calm))
    assert found[False], f"no process died before the end: the delays prove nothing (seed {seed}, {found})"
    print(f"{found[True]} had ended, {found[False]} left nothing, of {KILLS} (seed {seed})")


def test_without_its_transaction_the_same_kills_leave_half_a_basket_so_the_test_above_can_fail(town, presser):
    authority, product = town
    usual = sorted(presser(full_basket(authority, product), is_leaking=True)[1] for _ in range(5))[2]

    for step in range(200):
        basket = full_basket(authority, product)
        presser(basket, delay=usual * (0.3 + 0.7 * (step % 20) / 20), is_leaking=True)
        if recorded_of(basket["family"]) not in (WHOLE, NOTHING):
            return
    pytest.fail("200 kills, and never half a basket")


def test_a_connection_cut_by_the_server_at_any_moment_leaves_all_or_nothing(town, presser):
    authority, product = town
    seed = random.SystemRandom().randrange(10**9)
    chance = random.Random(seed)
    presser(full_basket(authority, product))
    statements = []

    def cut(execute, sql, parameters, many, context):
        """Cut our own connection just before or just after a statement, drawn beforehand."""
        statements.append(sql)
        if len(statements) - 1 == cut.before:
            cut_connection()
        result = execute(sql, parameters, many, context)
        if len(statements) - 1 == cut.after:
            cut_connection()
        return result

    def cut_connection():
        pid = connection.connection.info.backend_pid
        with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    for _ in range(max(10, KILLS // 5)):
        basket = full_basket(authority, product)
        statements.clear()
        cut.before, cut.after = -1, -1
        setattr(cut, chance.choice(["before", "after"]), chance.randrange(0, 16))
        failed = False
        with connection.execute_wrapper(cut):
            try:
                press_again(authority, basket)
            except (OperationalError, InterfaceError, ConnectorException):  # the last as the queue says it
                failed = True
        connection.close()

        left = recorded_of(basket["family"])
        assert left == (NOTHING if failed else WHOLE), f"{left} (seed {seed})"
        assert press_again(authority, basket).is_repeated is not failed
        assert recorded_of(basket["family"]) == WHOLE
    assert_every_place_is_counted()
