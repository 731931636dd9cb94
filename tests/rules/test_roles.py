"""What a right gives besides itself, and the posts that group them."""

import pytest

from marelle.domain.accounts.models import Grant
from marelle.domain.accounts.rules.roles import ADMINISTER, POSTS, SENSITIVE, givers_of, gives

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
