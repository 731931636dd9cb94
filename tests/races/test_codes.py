"""A code serves once, whoever brings it at the same instant."""

from __future__ import annotations

import pytest
from allauth.idp.oidc.models import Token

from tests.factories.town import make_user
from tests.web.account.provider.site import browser, family_site, who_is

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def test_one_code_exchanged_by_many_at_once_gives_one_token_at_most_and_leaves_none(at_once):
    family = family_site()
    code = family.code_for(browser(make_user()))

    answers = at_once([lambda: family.exchanges(code)] * 8, connections_at_most=8)

    given = [one.json()["access_token"] for one in answers if one.status_code == 200]
    assert len(given) == 1, answers
    assert {one.json().get("error") for one in answers if one.status_code != 200} == {"invalid_grant"}
    # Seven came back with a code that had served: it was stolen, and what it gave is void.
    assert who_is(given[0]).status_code == 401
    assert not Token.objects.filter(type=Token.Type.ACCESS_TOKEN).exists()


def test_without_the_lock_of_its_row_several_would_have_one(at_once, monkeypatch):
    family = family_site()
    code = family.code_for(browser(make_user()))
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda self, **_how: self)

    answers = at_once([lambda: family.exchanges(code)] * 8, connections_at_most=8)

    assert len([one for one in answers if one.status_code == 200]) > 1


def test_many_codes_exchanged_at_once_give_each_its_own(at_once):
    family = family_site()
    codes = [family.code_for(browser(make_user())) for _ in range(12)]

    answers = at_once([lambda code=code: family.exchanges(code) for code in codes], connections_at_most=12)

    assert [one.status_code for one in answers] == [200] * 12
    names = {who_is(one.json()["access_token"]).json()["sub"] for one in answers}
    assert len(names) == 12
