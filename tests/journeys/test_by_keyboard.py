"""The figures are filtered, read behind their chart and taken away, then a list is printed: by the keyboard alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from marelle.domain.reservations.models import Attendance
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_class,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_service,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]
DESK = {"width": 1280, "height": 900}
MONDAY, LAST_TUESDAY = date(2026, 11, 23), date(2026, 11, 17)
# Whether who sees the page sees where the keyboard is.
IS_SHOWN = """
() => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
  return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
}
"""


@pytest.fixture
def town(with_password):
    """Two schools with a canteen, two children who came last Tuesday and are expected today."""
    authority = make_authority(slug="dammartin")
    canteen = make_service(authority, "Cantine", code="cantine")
    family = make_family(authority, "Le Goff")
    for name, school in (("Zoé", "École des Lilas"), ("Noé", "École des Tilleuls")):
        facility = make_facility(authority, school)
        meal = make_product(authority, service=canteen, facility=facility, slot_days=(LAST_TUESDAY, date(2026, 12, 31)))
        child = make_child(family, name, products=(meal,), school_class=make_class(facility, f"CE1 {name}"))
        for day in (LAST_TUESDAY, MONDAY):
            make_reservation(child, meal, day, family=family)
        with permitted("factory"), tenancy.scope({authority.pk}):
            noted = datetime(2026, 11, 17, 12, tzinfo=UTC)
            Attendance.objects.create(
                authority=authority, child=child, product=meal, date=LAST_TUESDAY, state="present", recorded_at=noted
            )
    return make_agent(authority, "Nadia Ferrand", user=with_password(make_user("nadia@exemple.fr")))


def goes_to(agent, words, among="a, button, summary"):
    """Reach by Tab what says these words, where it is seen that the focus is."""
    agent.tabs_to(
        f"document.activeElement.matches('{among}') && document.activeElement.textContent.includes('{words}')"
    )
    assert agent.page.evaluate(IS_SHOWN), f"nothing shows that the keyboard is on « {words} »"


def takes_away(agent):
    """Press Enter on a link that gives a file, and return its bytes."""
    with agent.page.expect_download() as download:
        agent.page.keyboard.press("Enter")
    agent.settles()
    return Path(download.value.path()).read_bytes()


def test_figures_and_a_list_are_read_and_taken_away_by_the_keyboard_alone(town, person):
    agent = person("mairie", viewport=DESK)
    page = agent.page
    agent.is_known(town.user)
    agent.opens("/dammartin/chiffres/")
    expect(page.get_by_role("rowheader", name="Cantine")).to_have_count(2)

    agent.tabs_to("document.activeElement.id === 'chiffres-etablissement'")
    agent.presses("ArrowDown")
    goes_to(agent, "Afficher")
    agent.presses("Enter")
    expect(page.locator("#chiffres-etablissement")).not_to_have_value("")
    expect(page.get_by_role("rowheader", name="Cantine")).to_have_count(1)

    table = page.get_by_role("region", name="Tableau :").first
    expect(table).to_be_hidden()
    goes_to(agent, "Voir le tableau")
    agent.presses("Enter")
    expect(table).to_be_visible()
    agent.presses("Tab")
    expect(table).to_be_focused()
    agent.finds_nothing_with_axe()

    goes_to(agent, "CSV")
    table = takes_away(agent).decode("utf-8-sig")
    assert ("Lilas" in table) != ("Tilleuls" in table), "the file is what was filtered"

    goes_to(agent, "Listes")
    agent.presses("Enter")
    expect(page.get_by_role("table", name="CE1 Zoé")).to_be_visible(timeout=8000)
    goes_to(agent, "Une semaine")
    agent.presses("Enter")
    agent.sees("Du lundi 23 novembre au vendredi 27 novembre")
    agent.finds_nothing_with_axe()
    goes_to(agent, "PDF")
    assert takes_away(agent).startswith(b"%PDF")
