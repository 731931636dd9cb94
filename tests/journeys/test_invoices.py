"""A parent looks at what is owed, ticks, hides, finds where to pay: phone, desk, keys alone, no scripts."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.factories.invoices import issue_invoice, make_regie, pay, recover
from tests.factories.town import make_authority, make_child, make_family, make_product, make_service, make_user
from tests.journeys.conftest import BOTH, DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]
AT = "/demo/factures/"


class Town:
    """An account with invoices of every kind at two authorities."""

    def __init__(self, with_password):
        self.user = with_password(make_user("pauline@exemple.fr"))
        demo = make_authority("Collectivité Démo", slug="demo")
        regie = make_regie(demo)
        family = make_family(demo, "Claironi", user=self.user)
        meal = make_product(demo, service=make_service(demo, "Service 2"))
        luca = make_child(family, "Luca", products=(meal,), birth_date=date(2021, 8, 14))
        facts = {"payer": "CLAIRONI PAULINE", "child": luca, "product": meal}
        self.first = issue_invoice(family, regie, cents=8240, **facts)
        self.late = issue_invoice(family, regie, cents=3280, due_on=date(2026, 11, 17), **facts)
        recovered = issue_invoice(family, regie, cents=1890, due_on=date(2026, 9, 1), **facts)
        recover(recovered)
        paid = issue_invoice(family, regie, cents=9800, childcare=3000, **facts)
        pay(paid, 9800, on=date(2026, 11, 9))
        jolie = make_authority("Commune de JolieVille", slug="jolieville")
        other = make_regie(
            jolie, "Régie périscolaire", number_pattern="{exercice}-A4-00-{numero}", invoice_title="by_date"
        )
        issue_invoice(make_family(jolie, "Claironi", user=self.user), other, cents=8200, payer="M CASSEREAU PE")


@pytest.fixture
def town(with_password):
    return Town(with_password)


def arrives(parent, town, path=AT):
    parent.is_known(town.user)
    parent.opens(path)
    parent.page.get_by_role("heading", name="Mes factures").wait_for()


def sees_total(page, words):
    expect(page.locator("[data-total]")).to_have_text(words)


@pytest.mark.parametrize("viewport", BOTH)
def test_ticking_sums_at_once_and_leads_to_where_to_pay(town, person, viewport):
    parent = person(viewport=viewport)
    page = parent.page
    arrives(parent, town)
    parent.finds_nothing_with_axe()
    sees_total(page, "0,00 €")

    for one in (town.first, town.late):
        parent.clicks_on(page.locator(f'label[for="c-{one.public_id}"]'))
    sees_total(page, "115,20 €")
    page.locator("#annonce").get_by_text("Montant à payer 115,20 €, 2 factures.").wait_for(state="attached")
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("button", name="Payer les factures sélectionnées"))
    page.get_by_role("heading", name="Où payer ?").wait_for()
    parent.sees("2026-CA-00-1")
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("link", name="Revenir à mes factures"))
    sees_total(page, "115,20 €")


@pytest.mark.parametrize("viewport", BOTH)
def test_hiding_is_undone_in_one_click(town, person, viewport):
    parent = person(viewport=viewport)
    page = parent.page
    arrives(parent, town)
    row = page.locator(f"#f-{town.late.public_id}")

    parent.clicks_on(row.get_by_role("button", name="Masquer"))
    parent.sees("Facture masquée.")
    expect(row).to_have_count(0)
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("button", name="Annuler"))
    row.wait_for()
    parent.clicks_on(row.get_by_role("button", name="Masquer"))
    parent.clicks_on(page.get_by_role("link", name="Voir les factures masquées (1)"))
    row.wait_for()
    parent.finds_nothing_with_axe()


@pytest.mark.parametrize("viewport", BOTH)
def test_the_paid_ones_and_the_detail(town, person, viewport):
    parent = person(viewport=viewport)
    page = parent.page
    arrives(parent, town)
    parent.clicks_on(page.get_by_role("link", name="Factures payées"))
    parent.sees("Payée le 9 novembre 2026")
    parent.sees("Attestation 2026")
    parent.finds_nothing_with_axe()
    parent.goes_back()
    parent.clicks_on(page.locator(f"#f-{town.first.public_id}").get_by_role("link", name="Détail"))
    page.get_by_role("heading", name="Facture n° 1 de CLAIRONI PAULINE").wait_for()
    parent.clicks_on(page.get_by_text("Comment ce prix est fait"))
    parent.finds_nothing_with_axe()


def test_with_the_keyboard_alone(town, person):
    parent = person(viewport=DESK)
    page = parent.page
    arrives(parent, town)

    parent.presses("Space", on=page.locator(f"#c-{town.late.public_id}"))
    sees_total(page, "32,80 €")
    parent.presses("Enter", on=page.locator("details.till summary").first)
    expect(page.locator(f"#c-{town.late.public_id}")).to_be_hidden()
    sees_total(page, "32,80 €")  # folding a till forgets nothing
    parent.presses("Enter", on=page.get_by_role("button", name="Payer les factures sélectionnées"))
    page.get_by_role("heading", name="Où payer ?").wait_for()
    parent.sees("32,80")


def test_what_is_ticked_before_the_script_has_come_or_brought_back_by_the_browser_is_summed(town, person):
    parent = person(viewport=DESK)
    page = parent.page
    arrives(parent, town)
    held = []
    page.route("**/invoices.js", lambda route: held.append(route))  # noqa: PLW0108  a builtin is refused
    page.goto(parent.site + AT, wait_until="commit")
    page.locator(f'label[for="c-{town.late.public_id}"]').click()
    sees_total(page, "0,00 €")
    assert held, "the script has come too early for this walk to show anything"
    held.pop().continue_()
    sees_total(page, "32,80 €")

    page.unroute("**/invoices.js")
    parent.settles()
    parent.clicks_on(page.get_by_role("link", name="Factures payées"))
    parent.goes_back()
    expect(page.locator(f"#c-{town.late.public_id}")).to_be_checked()
    sees_total(page, "32,80 €")


def test_without_scripts_the_amount_is_asked_for(town, person):
    parent = person(scripts=False)
    page = parent.page
    arrives(parent, town)

    for one in (town.first, town.late):
        page.locator(f"#c-{one.public_id}").check()
    sees_total(page, "0,00 €")
    parent.clicks_on(page.get_by_role("button", name="Actualiser le montant"))
    sees_total(page, "115,20 €")
    expect(page.locator(f"#c-{town.first.public_id}")).to_be_checked()
    parent.clicks_on(page.get_by_role("button", name="Payer les factures sélectionnées"))
    parent.sees("115,20")
    parent.goes_back()
    parent.clicks_on(page.locator(f"#f-{town.late.public_id}").get_by_role("button", name="Masquer"))
    parent.sees("Facture masquée.")
    parent.clicks_on(page.get_by_role("button", name="Annuler"))
    expect(page.locator(f"#f-{town.late.public_id}")).to_be_visible()


def test_what_a_reader_hears(town, person):
    parent = person(viewport=DESK)
    arrives(parent, town)

    parent.reads("factures")
