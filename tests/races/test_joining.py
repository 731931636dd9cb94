"""A link and a code serve once, whoever presses at the same instant."""

from __future__ import annotations

from datetime import date
from threading import Barrier

import pytest

from marelle.domain.accounts.models import User
from marelle.domain.accounts.operations.people import AccountExistsError, open_account
from marelle.domain.families.models import Guardian, Invitation, JoinRequest, Membership, MembershipCode
from marelle.domain.families.operations import joining
from marelle.domain.families.operations.joining import (
    AlreadyAnsweredError,
    AlreadyAskedError,
    NewPerson,
    No,
    UnableToAcceptError,
    accept_join,
    ask_to_join,
    complete_activation,
    invite,
    join_by_code,
)
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from tests.factories.joining import make_code, make_guardian, make_invitation, make_join_request
from tests.factories.town import make_authority, make_user

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

PASSWORD = "trois petits chats verts"


def now():
    return {"by": SYSTEM, "at": clock.machine_now()}


class Town:
    """A guardian without an account, who holds a link and a code."""

    def __init__(self):
        self.authority = make_authority()
        self.guardian = make_guardian(self.authority)
        self.link = make_invitation(self.guardian)
        self.code = make_code(self.guardian).code

    def inside(self, function):
        def run():
            with tenancy.scope({self.authority.pk}):
                return function()

        return run

    def follow(self, user=None):
        return self.inside(lambda: complete_activation(self.link, user=user, password=PASSWORD, phone="", **now()))

    def type(self, user):
        return self.inside(lambda: join_by_code(user, self.code, **now()))

    def members(self):
        with tenancy.scope({self.authority.pk}):
            return Membership.objects.count()


def split(outcomes):
    """Return how many came in, and why each of the others did not."""
    refused = [one for one in outcomes if not isinstance(one, Membership)]
    return len(outcomes) - len(refused), {getattr(one, "no", type(one)) for one in refused}


def test_one_link_followed_by_many_at_once_opens_one_account(at_once):
    town = Town()

    came_in, others = split(at_once([town.follow()] * 6, connections_at_most=6))

    assert (came_in, others) == (1, {No.NOT_GOOD})
    assert (town.members(), User.objects.count()) == (1, 1)


def test_one_link_followed_by_several_accounts_at_once_takes_one(at_once):
    town = Town()
    users = [make_user() for _ in range(6)]

    came_in, others = split(at_once([town.follow(user) for user in users], connections_at_most=6))

    assert (came_in, others, town.members()) == (1, {No.NOT_GOOD}, 1)


def test_one_code_typed_by_many_at_once_lets_one_in(at_once):
    town = Town()
    users = [make_user() for _ in range(8)]

    came_in, others = split(at_once([town.type(user) for user in users], connections_at_most=8))

    assert (came_in, others, town.members()) == (1, {No.NOT_GOOD}, 1)
    with tenancy.scope({town.authority.pk}):
        assert MembershipCode.objects.filter(used_at__isnull=False).count() == 1
    assert AuditEntry.objects.filter(authority_key=town.authority.pk, verb="join").count() == 1


@pytest.mark.parametrize("round_", range(4))
def test_a_link_and_a_code_of_one_guardian_let_one_account_in(at_once, round_):
    town = Town()
    doors = [town.follow(make_user()), town.type(make_user())]

    came_in, others = split(at_once(doors if round_ % 2 else doors[::-1]))

    assert (came_in, others, town.members()) == (1, {No.NOT_GOOD}, 1)


def test_without_the_lock_of_the_guardian_two_would_come_in(at_once, monkeypatch):
    town = Town()
    together = Barrier(2)

    def unlocked(guardians):
        found = list(Guardian.objects.filter(pk__in=list(guardians)).order_by("pk"))
        together.wait(30)
        return found

    monkeypatch.setattr(joining, "_locked", unlocked)
    before_join = Barrier(2)
    join = joining._join

    def join_together(*args, **kwargs):
        before_join.wait(30)
        return join(*args, **kwargs)

    monkeypatch.setattr(joining, "_join", join_together)

    at_once([town.follow(make_user()), town.follow(make_user())])

    assert town.members() == 2


def test_the_links_of_both_parents_followed_at_once_by_one_account_give_it_the_family_once(at_once):
    town = Town()
    other = make_invitation(make_guardian(town.authority, "Paul", family=town.guardian.family))
    user = make_user()

    def follow_other():
        return complete_activation(other, user=user, password="", phone="", **now())

    came_in, others = split(at_once([town.follow(user), town.inside(follow_other)]))

    assert (came_in, others, town.members()) == (1, {No.ALREADY_IN_FAMILY}, 1)


def test_one_address_opens_one_account_and_links_of_two_towns_do_not_break_each_other(at_once):
    towns = [make_authority(), make_authority()]
    links = [make_invitation(make_guardian(one, email="lea@exemple.fr")) for one in towns]

    def follow(link):
        def run():
            with tenancy.scope({link.authority_id}):
                return complete_activation(link, user=None, password=PASSWORD, phone="", **now())

        return run

    def create():
        return open_account("lea@exemple.fr", PASSWORD, **now())

    outcomes = at_once([*map(follow, links), create])

    assert User.objects.filter(email="lea@exemple.fr").count() == 1
    assert sum(isinstance(one, AccountExistsError) for one in outcomes) == 2


def test_two_agents_who_invite_the_same_guardian_at_once_leave_one_link(at_once):
    town = Town()

    def send():
        return invite([town.guardian.pk], days=14, again=True, **now())

    outcomes = at_once([town.inside(send)] * 4, connections_at_most=4)

    assert [one.count for one in outcomes] == [1, 1, 1, 1]
    with tenancy.scope({town.authority.pk}):
        assert Invitation.objects.filter(done_at=None, revoked_at=None).count() == 1


def test_a_request_is_made_once_and_answered_once(at_once):
    authority, user = make_authority(), make_user()

    def inside(function):
        def run():
            with tenancy.scope({authority.pk}):
                return function()

        return run

    def ask():
        return ask_to_join(
            user, authority=authority.pk, who=NewPerson("Paul", "Durand", ""), child_first_name="Zoé",
            child_last_name="Durand", child_birth_date=date(2018, 5, 6), words="", **now(),
        )  # fmt: skip

    asked = at_once([inside(ask)] * 4, connections_at_most=4)
    assert sum(isinstance(one, JoinRequest) for one in asked) == 1
    assert sum(isinstance(one, AlreadyAskedError) for one in asked) == 3
    (request,) = [one for one in asked if isinstance(one, JoinRequest)]

    def accept():
        return accept_join(request, guardian=None, family=None, on=date(2026, 11, 23), **now())

    answered = at_once([inside(accept)] * 4, connections_at_most=4)
    assert sum(isinstance(one, Membership) for one in answered) == 1
    assert sum(isinstance(one, AlreadyAnsweredError) for one in answered) == 3


def test_a_request_accepted_while_the_code_is_typed_lets_one_in(at_once):
    town = Town()
    request = make_join_request(town.authority, make_user())

    def accept():
        return accept_join(request, guardian=town.guardian, family=None, on=date(2026, 11, 23), **now())

    came_in, others = split(at_once([town.inside(accept), town.type(make_user())]))

    assert came_in == 1
    assert others <= {No.NOT_GOOD, UnableToAcceptError}
    assert town.members() == 1
