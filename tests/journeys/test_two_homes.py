"""Both parents of a child of two homes, through a month, at a phone: each sees own days, asks, answers, reserves."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from tests.factories.invoices import issue_invoice, make_regie
from tests.factories.two_homes import FATHERS, MOTHERS, TwoHomes
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
# The first of December is of the father's week, the eighth of the mother's.
# The words of what the keyboard is on.
ON = "document.activeElement.matches('a, button') && document.activeElement.textContent.includes('{}')"
HIS, HERS = date(2026, 12, 1), date(2026, 12, 8)


@pytest.fixture
def homes(with_password):
    return TwoHomes(with_password=with_password)


def box(page, day):
    return page.locator(f"label:has(input[value='{day.isoformat()}'])")


class Walk:
    """A parent, and what the other's pages must never show."""

    def __init__(self, parent, user, others):
        self.parent, self.page, self.others = parent, parent.page, others
        parent.is_known(user)

    def looks(self):
        """See that the page troubles no reader, and holds no word of the other home."""
        self.parent.settles()
        shown = self.page.content()
        assert not [word for word in self.others if word in shown]
        if self.parent.has_scripts:
            self.parent.finds_nothing_with_axe()

    def opens(self, path):
        self.parent.opens(f"/dammartin/{path}")
        self.looks()

    def follows(self, name):
        self.parent.clicks_on(self.page.get_by_role("link", name=name).first)
        self.looks()

    def presses(self, name):
        self.parent.clicks_on(self.page.get_by_role("button", name=name).first)
        self.looks()


@pytest.mark.parametrize("scripts", [True, pytest.param(False, id="no scripts", marks=pytest.mark.torture)])
def test_a_month_of_two_homes(homes, person, scripts):
    regie = make_regie(homes.authority, "Cantine")
    hers = issue_invoice(homes.mother, regie, payer=MOTHERS[0], child=homes.lucia, product=homes.meal)
    his = issue_invoice(homes.father, regie, payer=FATHERS[0], child=homes.lucia, product=homes.meal)
    mother = Walk(person(viewport=PHONE, scripts=scripts), homes.mother_user, FATHERS)
    father = Walk(person(viewport=PHONE, scripts=scripts), homes.father_user, MOTHERS)

    # Each sees the same month from its own side.
    mother.opens("reservations/")
    mother.follows("Calendrier de garde : Lucia")
    mother.parent.sees("Semaines paires chez vous, semaines impaires dans l’autre foyer.")
    mother.parent.sees("Réglé par la mairie, depuis le lundi 5 octobre 2026.")

    # She asks for a day and gives another one; he reads it where he arrives, and accepts in two taps.
    mother.follows("Échanger des jours")
    for day in (HIS, HERS):
        mother.parent.clicks_on(box(mother.page, day))
    mother.page.get_by_label("Un mot pour l’autre foyer").fill("Son anniversaire")
    mother.looks()
    mother.presses("Proposer l’échange")
    mother.parent.sees("Votre proposition est envoyée à l’autre foyer.")
    father.opens("actualites/")
    father.follows(re.compile("^Voir et répondre"))
    father.parent.sees("Son anniversaire")
    father.presses("Accepter")
    father.parent.sees("C’est accepté.")

    # She reserves the day that she took.
    mother.parent.opens("/dammartin/reservations/?semaine=2026-11-30")
    square = mother.page.locator(f"label:has(input[aria-label^='Lucia, repas, '][value$='.{HIS.isoformat()}'])")
    mother.parent.clicks_on(square)
    if not scripts:
        mother.parent.clicks_on(mother.page.get_by_role("button", name=re.compile("Mettre à jour mon panier")).first)
    mother.parent.opens("/dammartin/panier/")
    mother.parent.clicks_on(mother.page.get_by_role("button", name="Valider mes changements"))
    mother.parent.sees("C’est noté")
    assert homes.reserved() == {(HIS, homes.meal.pk): MOTHERS[0]}

    # She proposes another calendar, he refuses, the town hall decides: both read what it says.
    mother.opens(f"garde/{homes.lucia.public_id}/calendrier/")
    mother.page.get_by_label("À partir du").fill("2027-01-11")
    mother.parent.clicks_on(mother.page.locator("label:has(input[name='even_home'][value='second'])"))
    mother.presses("Voir ce que cela donne")
    mother.parent.sees("Semaines paires dans l’autre foyer, semaines impaires chez vous.")
    mother.presses("Envoyer à l’autre foyer")
    mother.parent.sees("Votre proposition est envoyée")
    father.opens("demandes/")
    father.follows("L’autre foyer propose un autre calendrier pour Lucia")
    father.page.get_by_label("Un mot avec votre réponse").fill("Je travaille ces semaines-là")
    father.presses("Refuser")
    father.parent.sees("La mairie décide")
    homes.decide(accepts=True, words="Le jugement le dit.", at=NOW)
    for parent in (mother, father):
        parent.opens(f"garde/{homes.lucia.public_id}/?mois=2027-01")
        parent.parent.sees("À partir du lundi 11 janvier 2027, réglé par la mairie :")
        parent.parent.sees("La mairie répond : « Le jugement le dit. »")
        parent.opens("factures/")

    # Each reads its own invoice, and finds nothing at the other's.
    mother.parent.sees(re.compile(str(hers.number)))
    assert mother.parent.opens(f"/dammartin/factures/{his.public_id}/").status == 404
    assert father.parent.opens(f"/dammartin/factures/{hers.public_id}/").status == 404


def test_with_the_keyboard_alone_days_are_exchanged(homes, person):
    parent = person(viewport=DESK)
    page = parent.page
    parent.is_known(homes.mother_user)
    parent.opens(f"/dammartin/garde/{homes.lucia.public_id}/")
    parent.tabs_to(ON.format("Échanger des jours"))
    parent.presses("Enter")
    page.get_by_role("heading", name="Échanger des jours").wait_for()
    for day in (HIS, HERS):
        parent.tabs_to(f"document.activeElement.value === '{day.isoformat()}'")
        parent.presses("Space")
    parent.tabs_to("document.activeElement.name === 'words'")
    page.keyboard.type("Son anniversaire")
    parent.tabs_to(ON.format("Proposer l’échange"))
    parent.presses("Enter")
    parent.sees("Votre proposition est envoyée")
    assert (homes.proposal.gives, homes.proposal.takes) == ([HERS], [HIS])
