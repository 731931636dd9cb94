"""Mes factures, without scripts: what is owed and paid at all one's authorities, and nobody else's."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from marelle.domain.billing.models import BillingRun, HiddenInvoice, Invoice, PayerAccount
from marelle.domain.families.models import Custody
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.factories.invoices import issue_invoice, make_regie, pay, recover
from tests.factories.town import (
    make_authority,
    make_child,
    make_class,
    make_facility,
    make_family,
    make_product,
    make_service,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

TWELVE_DAYS, SIX_DAYS = date(2026, 12, 5), date(2026, 11, 29)


@pytest.fixture
def town():
    return make_authority("Collectivité Démo")


@pytest.fixture
def user(family_site):
    user = make_user("pauline@exemple.fr")
    family_site.force_login(user)
    return user


@pytest.fixture
def family(town, user):
    return make_family(town, "Claironi", user=user)


@pytest.fixture
def regie(town):
    return make_regie(town)


def text_of(response) -> str:
    assert response.status_code == 200
    found = response.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(re.sub(r"</?(?:b|small|span|label|p|dd|dt)\b[^>]*>", "", found).split())


def listed(site, town, query: str = "", tab: str = "") -> str:
    return text_of(site.get(f"/{town.slug}/factures/{tab}{query}"))


def test_the_two_invoices_of_the_flyer(family_site, family, town, regie, user):
    elsewhere = make_authority("Commune de JolieVille")
    other = make_regie(
        elsewhere, "Régie périscolaire", number_pattern="{exercice}-A4-00-{numero}", invoice_title="by_date"
    )
    care = make_product(elsewhere, name="Accueil", service=make_service(elsewhere, "Service périscolaire"))
    meal = make_product(town, service=make_service(town, "Service 2"))
    first = issue_invoice(family, regie, cents=11520, payer="CLAIRONI PAULINE", product=meal)
    home = make_family(elsewhere, "Claironi", user=user)
    issue_invoice(home, other, cents=8200, payer="M CASSEREAU PE", product=care, due_on=SIX_DAYS)

    said = listed(family_site, town)

    assert "Collectivité Démo – Service 2" in said
    assert "facture n° 1 de CLAIRONI PAULINE — 12 jours avant échéance — (réf : 2026-CA-00-1)" in said
    assert "Commune de JolieVille – Service périscolaire" in said
    assert "Facture du 02/11/2026 pour M CASSEREAU PE — 6 jours avant échéance — (réf : 2026-A4-00-1)" in said
    assert "Factures à payer (2)" in said
    assert "Chaque commune a sa propre caisse" in said
    ticked = listed(family_site, town, f"?facture={first.public_id}")
    assert "Montant à payer 115,20 €" in ticked


def test_overdue_part_paid_today_and_recovered_are_said_in_words(family_site, family, town, regie):
    late = issue_invoice(family, regie, cents=3280, due_on=date(2026, 11, 17))
    part = issue_invoice(family, regie, cents=3280, due_on=date(2026, 11, 23))
    pay(part, 2000, on=date(2026, 11, 9))
    gone = issue_invoice(family, regie, cents=1890, due_on=date(2026, 9, 1))
    recover(gone)

    said = listed(family_site, town)

    assert "En retard de 6 jours" in said
    assert "6 jours après échéance" in said
    assert "À payer aujourd’hui" in said
    assert "Déjà réglé 20,00 €, reste 12,80 €." in said
    assert "À payer au Trésor public" in said
    assert "remise au Trésor public, titre n° T-2026-0412" in said
    assert f'value="{late.public_id}"' in said
    assert f'value="{part.public_id}"' in said
    assert f'value="{gone.public_id}"' not in said, "what the Trésor takes cannot be ticked"
    assert "Merci de ne pas tenir compte des factures que vous avez déjà réglées" in said


def test_until_when_payments_are_known_is_said_till_by_till_only_when_they_differ(family_site, family, town):
    for day, name in ((20, "Régie A"), (19, "Régie B")):
        issue_invoice(family, make_regie(town, name, payments_known_until=date(2026, 11, day)))
    said = listed(family_site, town)

    assert "Régie A : les paiements sont connus jusqu’au 20 novembre 2026." in said
    assert "Régie B : les paiements sont connus jusqu’au 19 novembre 2026." in said


def test_the_same_number_of_statements_for_one_and_a_hundred_invoices(
    family_site, family, town, regie, django_assert_max_num_queries
):
    meal = make_product(town)
    child = make_child(family, products=(meal,), birth_date=date(2021, 5, 1))
    counted = []
    for number in (1, 99):
        for _ in range(number):
            one = issue_invoice(family, regie, child=child, product=meal, childcare=100)
            pay(one, 500, on=date(2026, 11, 9))
        for tab in ("", "payees/"):
            with django_assert_max_num_queries(12) as asked:
                assert family_site.get(f"/{town.slug}/factures/{tab}").status_code == 200
            counted.append(len(asked))

    assert counted[:2] == counted[2:]


def test_as_few_statements_where_everything_happens_at_once(
    family_site, family, town, user, django_assert_max_num_queries
):
    """A line typed by hand in a run, a hidden invoice, a second authority, and a third that has not joined."""
    regie = make_regie(town)
    elsewhere = make_authority("Ailleurs")
    home = make_family(elsewhere, "Claironi", user=user)
    till = make_regie(elsewhere, "Régie d’ailleurs", online_from=None)
    third = make_authority("Commune du Bois")
    make_service(third)
    make_family(third, "Claironi", user=user)
    make_regie(third, "Régie du Bois", online_from=None)
    service = make_service(town)
    with permitted("factory"), tenancy.scope({town.pk}):
        run = BillingRun.objects.create(
            authority=town,
            regie=regie,
            name="Octobre 2026",
            services=[service.pk],
            starts_on=date(2026, 10, 1),
            ends_on=date(2026, 10, 31),
            invoiced_on=date(2026, 11, 2),
            due_on=TWELVE_DAYS,
            exercice=2026,
            started_at=datetime(2026, 11, 2, 8, tzinfo=UTC),
        )
    by_hand = issue_invoice(family, regie, run=run)
    hidden = issue_invoice(family, regie)
    family_site.post(f"/{town.slug}/factures/{hidden.public_id}/masquer/")
    issue_invoice(home, till)
    said = listed(family_site, town)
    assert f'value="{by_hand.public_id}"' in said
    assert f"Collectivité Démo – {service.name}" in said
    assert "Voir les factures masquées (1)" in said

    for slug in (town.slug, elsewhere.slug, third.slug):
        for tab in ("", "payees/"):
            with django_assert_max_num_queries(12):
                assert family_site.get(f"/{slug}/factures/{tab}").status_code == 200


def test_in_two_homes_each_account_sees_its_own_invoices_and_never_the_other_homes(family_site, family, town, regie):
    child = make_child(family, "Lucia")
    other_home = make_family(town, "Sanchez")
    issue_invoice(family, regie, child=child, label="Cantine chez maman")
    theirs = issue_invoice(other_home, regie, child=child, label="Cantine chez papa")
    at = f"/{town.slug}/factures"

    for query in ("", "?masquees=1", f"?facture={theirs.public_id}", f"?masquee={theirs.public_id}"):
        assert "chez papa" not in listed(family_site, town, query)
    assert "chez papa" not in listed(family_site, town, tab="payees/")
    assert family_site.get(f"{at}/{theirs.public_id}/").status_code == 404
    assert family_site.get(f"{at}/{theirs.public_id}/pdf/").status_code == 404
    assert family_site.post(f"{at}/{theirs.public_id}/masquer/").status_code == 404
    assert family_site.post(f"{at}/{theirs.public_id}/montrer/").status_code == 404
    assert family_site.get(f"{at}/payer/?facture={theirs.public_id}")["Location"].endswith("?choisir=1")
    with tenancy.scope({town.pk}):
        father = other_home.memberships.get().user
        assert not HiddenInvoice.objects.exists()
    family_site.force_login(father)
    assert "chez papa" in listed(family_site, town)
    assert "chez maman" not in listed(family_site, town)


def test_one_who_left_the_family_sees_nothing_of_it_any_more(family_site, family, town, regie):
    one = issue_invoice(family, regie)
    with permitted("factory"), tenancy.scope({town.pk}):
        family.memberships.all().delete()

    assert family_site.get(f"/{town.slug}/factures/").status_code == 404
    assert family_site.get(f"/{town.slug}/factures/{one.public_id}/pdf/").status_code == 404


def test_a_draft_is_nobodys_business(family_site, family, town, regie):
    draft = issue_invoice(family, regie)
    with permitted("factory"), tenancy.scope({town.pk}):
        draft = Invoice.objects.create(
            authority=town,
            regie=regie,
            payer_id=draft.payer_id,
            family=family,
            label="Un brouillon",
            starts_on=draft.starts_on,
            ends_on=draft.ends_on,
            exercice=2026,
            total_cents=100,
            payer_name="X",
            drafted_at=draft.drafted_at,
        )

    assert "Un brouillon" not in listed(family_site, town)
    assert family_site.get(f"/{town.slug}/factures/{draft.public_id}/").status_code == 404
    assert family_site.get(f"/{town.slug}/factures/{draft.public_id}/pdf/").status_code == 404


def test_hidden_then_undone_then_shown_again(family_site, family, town, regie):
    one = issue_invoice(family, regie, cents=500)
    at = f"/{town.slug}/factures"

    answer = family_site.post(f"{at}/{one.public_id}/masquer/")
    hidden = listed(family_site, town, answer["Location"].partition("?")[2] and f"?{answer['Location'].split('?')[1]}")
    assert "Facture masquée." in hidden
    assert "Elle reste due." in hidden
    assert "Voir les factures masquées (1)" in hidden
    assert "Factures à payer (1)" not in hidden, "hidden ones are not counted"
    assert f'id="f-{one.public_id}"' not in hidden
    family_site.post(f"{at}/{one.public_id}/masquer/")
    seen = listed(family_site, town, "?masquees=1")
    assert f'id="f-{one.public_id}"' in seen
    assert "Montrer à nouveau" in seen
    assert f'value="{one.public_id}"' not in seen, "a hidden one is not ticked by surprise"

    for _ in range(2):
        family_site.post(f"{at}/{one.public_id}/montrer/")
    assert f'id="f-{one.public_id}"' in listed(family_site, town)
    assert "Voir les factures masquées" not in listed(family_site, town)
    verbs = AuditEntry.objects.filter(object_type="invoice").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["hide_invoice", "show_invoice"]


def test_nothing_hidden_any_more_is_not_nothing_to_pay(family_site, family, town, regie):
    issue_invoice(family, regie)

    for tab in ("", "payees/"):
        said = listed(family_site, town, "?masquees=1", tab)

        assert "Aucune facture masquée." in said
        assert "Aucune facture à payer" not in said
        assert "Aucune facture payée" not in said


def test_another_member_of_the_family_still_sees_what_one_hid(family_site, family, town, regie):
    one = issue_invoice(family, regie)
    family_site.post(f"/{town.slug}/factures/{one.public_id}/masquer/")
    with permitted("factory"), tenancy.scope({town.pk}):
        first = family.memberships.get()
        other = make_user("autre@exemple.fr")
        first.pk, first.user = None, other
        first.save()
    family_site.force_login(other)

    assert f'id="f-{one.public_id}"' in listed(family_site, town)


def test_where_to_pay_till_by_till_with_the_references_to_recall(family_site, family, town, regie, user):
    elsewhere = make_authority("JolieVille", phone="02 47 00 00 20")
    other = make_regie(elsewhere, "Régie périscolaire", how_to_pay="En espèces, au guichet famille.")
    soon = issue_invoice(make_family(elsewhere, user=user), other, cents=8200, due_on=SIX_DAYS)
    later = issue_invoice(family, regie, cents=11520)

    said = text_of(family_site.get(f"/{town.slug}/factures/payer/?facture={later.public_id}&facture={soon.public_id}"))

    assert "en deux paiements, l’un après l’autre. Faites-en 2, dans cet ordre." in said
    assert said.index("1. JolieVille") < said.index("2. Collectivité Démo"), "the soonest due first"
    for words in ("197,20 €", "2026-CA-00-1", "En espèces, au guichet famille.", "02 47 00 00 20", "paiement en ligne"):
        assert words in said


@pytest.mark.parametrize("query", ["", "?facture=", "?facture=inconnue", "?facture=x&facture=y"])
def test_paying_nothing_asks_to_tick_first(family_site, family, town, query):
    answer = family_site.get(f"/{town.slug}/factures/payer/{query}")

    assert answer["Location"] == f"/{town.slug}/factures/?choisir=1"
    assert "Cochez d’abord une facture" in text_of(family_site.get(answer["Location"]))


def test_a_till_that_is_not_online_says_so_and_still_shows_the_document(family_site, family, town):
    closed = make_regie(town, "Régie A", online_from=None)
    soon = make_regie(town, "Régie B", online_from=date(2027, 1, 1))
    one, two = issue_invoice(family, closed), issue_invoice(family, soon)

    said = listed(family_site, town)

    assert "Collectivité Démo n’a pas rejoint le service des factures en ligne." in said
    assert "rejoint le service des factures en ligne le 1ᵉʳ janvier 2027" in said
    assert 'name="facture"' not in said
    for each in (one, two):
        assert f"/factures/{each.public_id}/pdf/" in said
    answer = family_site.get(f"/{town.slug}/factures/{one.public_id}/pdf/")
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf"
    assert 'filename="facture-2026-CA-00-1.pdf"' in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]


def test_paid_ones_say_when_and_how_and_a_credit_note_what_became_of_it(family_site, family, town, regie):
    paid = issue_invoice(family, regie, cents=9800, label="Cantine, juin")
    issue_invoice(family, regie, cents=-385, label="Un repas rendu", due_on=None, issued_on=date(2026, 11, 5))
    pay(paid, 9415, on=date(2026, 11, 12))

    said = listed(family_site, town, tab="payees/")

    assert "Payée le 12 novembre 2026" in said
    assert "3,85 € le 5 novembre 2026, par l’avoir 2026-CA-00-2." in said
    assert "94,15 € le 12 novembre 2026, par carte bancaire." in said
    assert "Avoir en votre faveur" in said
    assert "3,85 € déduits de la facture 2026-CA-00-1, le 5 novembre 2026." in said
    assert "Aucune facture à payer." in listed(family_site, town)


def test_what_was_paid_too_much_is_kept_and_said(family_site, family, town, regie):
    one = issue_invoice(family, regie, cents=1000)
    pay(one, 1500, on=date(2026, 11, 9))

    assert "vous avez une avance de 5,00 €" in listed(family_site, town)


def test_the_detail_explains_each_line(family_site, family, town, regie):
    meal = make_product(town)
    school = make_class(make_facility(town, "École des Tilleuls"), "CE2")
    child = make_child(family, "Lucia", products=(meal,), school_class=school)
    one = issue_invoice(family, regie, cents=770, child=child, product=meal)
    pay(one, 385, on=date(2026, 11, 9), means="cheque")

    said = text_of(family_site.get(f"/{town.slug}/factures/{one.public_id}/"))

    for words in (
        "Lucia Claironi",
        "CE2, École des Tilleuls",
        "Les 1ᵉʳ et 2 octobre",
        "2 repas × 3,85 €",
        "Tarif voté",
        "3,85 € le 9 novembre 2026, par chèque.",
        "Reste à payer",
        "le règlement",
        "délibération 2026-31",
        "Une question sur cette facture ?",
        "Par chèque, à l’ordre du Trésor public.",
        town.phone,
    ):
        assert words in said, words


def test_the_detail_of_each_says_what_a_credit_note_became(family_site, family, town, regie):
    billed = issue_invoice(family, regie, cents=500)
    credit = issue_invoice(family, regie, cents=-700, due_on=None, issued_on=date(2026, 11, 5))
    at = f"/{town.slug}/factures"

    assert "5,00 € le 5 novembre 2026, par l’avoir 2026-CA-00-2." in text_of(
        family_site.get(f"{at}/{billed.public_id}/")
    )
    said = text_of(family_site.get(f"{at}/{credit.public_id}/"))
    assert "5,00 € déduits de la facture 2026-CA-00-1, le 5 novembre 2026." in said
    assert "2,00 € gardés en avance sur votre compte, le 5 novembre 2026." in said
    assert "vous avez une avance de 2,00 €" in listed(family_site, town)


def test_the_detail_stands_at_its_own_authority(family_site, family, town, regie, user):
    elsewhere = make_authority("JolieVille")
    theirs = issue_invoice(make_family(elsewhere, user=user), make_regie(elsewhere))

    assert family_site.get(f"/{elsewhere.slug}/factures/{theirs.public_id}/").status_code == 200
    assert family_site.get(f"/{town.slug}/factures/{theirs.public_id}/").status_code == 404
    assert family_site.get(f"/{town.slug}/factures/{theirs.public_id}/pdf/").status_code == 404
    answer = family_site.post(f"/{town.slug}/factures/{theirs.public_id}/masquer/")
    assert answer["Location"].startswith(f"/{town.slug}/factures/?"), "hidden from the list one looks at"


def test_the_tax_certificate_of_each_year_with_care_paid(family_site, family, town, regie):
    small = make_child(family, "Mateo", birth_date=date(2020, 10, 22))
    one = issue_invoice(family, regie, cents=3640, child=small, childcare=2000)
    assert "Attestations fiscales" not in listed(family_site, town, tab="payees/"), "nothing paid yet"
    pay(one, 3640, on=date(2026, 11, 9))
    with tenancy.scope({town.pk}):
        payer = PayerAccount.objects.get()
    path = f"/{town.slug}/factures/attestation-{{year}}/{payer.public_id}/"

    page = listed(family_site, town, tab="payees/")
    assert f'href="{path.format(year=2026)}"' in page
    assert "deux foyers" not in page
    answer = family_site.get(path.format(year=2026))
    assert answer.content.startswith(b"%PDF")
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert "20,00" in text
    assert "Mateo" in text
    assert "s’arrête au" in text
    assert family_site.get(path.format(year=2025))["Location"] == f"/{town.slug}/factures/payees/"
    stranger = make_family(town, "Voisin")
    with tenancy.scope({town.pk}), permitted("factory"):
        Custody.objects.create(authority=town, child=small, family=stranger, starts_on=date(2026, 9, 1))
    page = listed(family_site, town, tab="payees/")
    assert f"Mateo {small.last_name} : deux foyers en 2026." in page
    assert "Voisin" not in page
    with tenancy.scope({town.pk}):
        family_site.force_login(stranger.memberships.get().user)
    assert family_site.get(path.format(year=2026)).status_code == 404


def test_other_pages_do_not_pay_for_the_count(family_site, family, town, regie):
    issue_invoice(family, regie)

    assert '<span class="count">' not in family_site.get(f"/{town.slug}/demandes/").content.decode()
    assert '<span class="count">1' in family_site.get(f"/{town.slug}/factures/").content.decode()
