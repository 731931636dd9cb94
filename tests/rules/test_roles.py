"""What a right gives besides itself, and the posts that group them."""

import pytest

from marelle.domain.accounts.models import Grant
from marelle.domain.accounts.rules.roles import (
    ADMINISTER,
    POSTS,
    SENSITIVE,
    Right,
    givers_of,
    gives,
    is_administering,
    post_named,
    post_of,
    rights_of,
    would_lock_out,
)

ROLES = set(Grant.Role.values)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_right_gives_itself_and_comes_from_rights_that_exist(role):
    assert role in givers_of(role) <= ROLES


@pytest.mark.parametrize("role", sorted(ROLES - SENSITIVE - {ADMINISTER}))
def test_to_administer_is_to_have_every_ordinary_right(role):
    assert gives({ADMINISTER}, role)


@pytest.mark.parametrize("role", sorted(SENSITIVE))
def test_what_is_known_of_a_person_is_given_by_name_only(role):
    assert not gives(ROLES - {role}, role)


def test_who_reserves_reads_the_families_and_who_reads_them_reserves_nothing():
    assert gives({"manage_reservations"}, "read_families")
    assert not gives({"read_families"}, "manage_reservations")


@pytest.mark.parametrize("post", POSTS, ids=lambda post: post.code)
def test_a_post_is_given_rights_that_exist_and_none_twice(post):
    assert post.roles <= ROLES
    assert not any(gives(post.roles - {role}, role) for role in post.roles)


SCHOOL, CENTER = 1, 2


def test_a_post_is_known_by_its_rights_and_by_its_code():
    assert {post_of(post.roles) for post in POSTS} == {post_named(post.code) for post in POSTS} == set(POSTS)
    assert post_of({"publish"}) is None
    assert post_named("maire") is None


def test_rights_reach_everywhere_or_each_service_at_each_place():
    assert rights_of({"view_day"}) == {Right("view_day")}
    assert rights_of({"view_day"}, [SCHOOL, CENTER]) == {Right("view_day", SCHOOL), Right("view_day", CENTER)}
    assert rights_of({"view_day"}, (), ["loisirs"]) == {Right("view_day", 0, "loisirs")}
    assert rights_of({"view_day"}, [SCHOOL], ["loisirs", "cantine"]) == {
        Right("view_day", SCHOOL, "loisirs"),
        Right("view_day", SCHOOL, "cantine"),
    }


@pytest.mark.parametrize("role", ["manage_billing", "hold_regie", "administer"])
def test_money_and_settings_have_no_place(role):
    assert rights_of({role, "see_health"}, [SCHOOL]) == {Right(role), Right("see_health", SCHOOL)}


def test_the_last_who_administers_everywhere_cannot_leave():
    first, second, limited = (
        {Right("administer")},
        {Right("administer"), Right("view_day")},
        {Right("administer", SCHOOL)},
    )

    assert not is_administering(limited)
    assert would_lock_out({1: first, 2: limited}, agent=1, after=limited)
    assert would_lock_out({1: first}, agent=1, after=())
    assert not would_lock_out({1: first}, agent=1, after=second)
    assert not would_lock_out({1: first, 2: second}, agent=1, after=())
    assert not would_lock_out({1: first, 2: limited}, agent=2, after=())
    assert not would_lock_out({2: limited}, agent=2, after=())
