"""What a person sees with axe is still seen when the page looks like one that was looked at."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = """
<html lang="fr"><title>Page</title><body style="background: white"><main><h1>Page</h1><p>Un mot</p>
<form><label>Nom <input name="name"></label></form></main></body></html>
"""


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("document.querySelector('p').style.color = '#aaa'", "color-contrast"),
        ("document.querySelector('main').style.background = '#666'", "color-contrast"),
        ("document.querySelector('main').style.opacity = '0.4'", "color-contrast"),
        ("document.querySelector('label').replaceWith(document.querySelector('input'))", "label"),
    ],
    ids=["its colour", "what is behind", "what lets through", "no label"],
)
def test_one_thing_that_changes_for_the_worse_is_seen(person, change, rule):
    somebody = person()
    somebody.page.set_content(PAGE)
    for _look in range(2):
        somebody.finds_nothing_with_axe()

    somebody.page.evaluate(change)

    for _look in range(2):
        assert rule in [name for name, _where in somebody._looks()["wrong"]]
