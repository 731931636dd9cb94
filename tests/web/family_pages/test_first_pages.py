"""What everybody sees, what a family sees first."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories.town import make_article, make_authority, make_family, make_service, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def town():
    return make_authority("Dammartin-sur-Tigeaux", announcement="Les services cantine et étude sont en ligne !")


@pytest.fixture
def parent(family_site, town):
    family_site.user = make_user("elena@exemple.fr")
    family_site.force_login(family_site.user)
    return family_site


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_the_first_page_says_what_one_can_do_and_lists_the_towns(family_site, town):
    make_authority("Fermée", is_open=False)
    text = text_of(family_site.get("/"))
    assert "Réalisez vos démarches, simplement et gratuitement" in text
    assert "Gratuit pour les familles, sans frais ajoutés." in text
    assert town.announcement in text
    assert f'href="/{town.slug}/"' in text
    assert "Fermée" not in text
    assert "/compte/connexion/" in text
    assert "/compte/creer/" in text


def test_the_page_of_a_town_has_its_announcement_services_contact_and_public_news(family_site, town):
    make_service(town, "Cantine", phone="01 64 00 00 12")
    make_service(town, "Centre de loisirs", payment_mode="prepaid")
    make_article(town, "Menu de fête")
    make_article(town, "Pour les parents", is_public=False)
    make_article(town, "Plus tard", published_on=date(2026, 12, 1))
    make_article(town, "Passé", withdrawn_on=date(2026, 11, 23))
    text = text_of(family_site.get(f"/{town.slug}/"))
    for said in (town.announcement, "01 64 00 00 12", "Menu de fête", "À payer à la réservation", "9 h à 12 h"):
        assert said in text
    for hidden in ("Pour les parents", "Plus tard", "Passé"):
        assert hidden not in text


def test_a_town_that_is_not_open_or_not_there_is_not_found(family_site):
    closed = make_authority(is_open=False)
    assert family_site.get(f"/{closed.slug}/").status_code == 404
    assert family_site.get("/nulle-part/").status_code == 404


def test_signing_in_leads_to_the_only_town(parent, town):
    make_family(town, user=parent.user)
    assert parent.get("/")["Location"] == f"/{town.slug}/actualites/"


def test_signing_in_leads_to_all_the_children_of_several_towns(parent, town):
    other = make_authority("JolieVille")
    make_family(town, user=parent.user)
    make_family(other, user=parent.user)
    assert parent.get("/")["Location"] == "/mes-enfants/"
    text = text_of(parent.get("/mes-enfants/"))
    assert f'href="/{town.slug}/actualites/"' in text
    assert f'href="/{other.slug}/actualites/"' in text


def test_an_account_without_family_is_told_what_to_do(parent, town):
    text = text_of(parent.get("/"))
    assert "relié à aucune famille" in text
    assert "elena@exemple.fr" in text
    assert town.phone in text


def test_the_news_of_families_newest_first(parent, town):
    make_family(town, user=parent.user)
    make_article(town, "Ancienne", published_on=date(2026, 10, 1))
    make_article(town, "Récente", published_on=date(2026, 11, 20), is_public=False)
    text = text_of(parent.get(f"/{town.slug}/actualites/"))
    assert text.index("Récente") < text.index("Ancienne")
    assert 'aria-current="page"' in text


def test_no_news_is_said(parent, town):
    make_family(town, user=parent.user)
    assert "Pas d’actualité pour le moment." in text_of(parent.get(f"/{town.slug}/actualites/"))


def test_a_public_article_is_read_by_everybody_one_for_families_by_them(parent, client, town):
    public = make_article(town, "Pour tous", body="Bonjour <b>à tous</b>")
    reserved = make_article(town, "Pour eux", is_public=False)
    paths = {one.title: f"/{town.slug}/actualites/{one.public_id}/" for one in (public, reserved)}
    anybody = {"headers": {"host": "famille.localhost"}}
    assert "Bonjour &lt;b&gt;à tous&lt;/b&gt;" in text_of(client.get(paths["Pour tous"], **anybody))
    assert client.get(paths["Pour eux"], **anybody)["Location"].startswith("/compte/connexion/?next=")
    assert parent.get(paths["Pour eux"]).status_code == 404
    make_family(town, user=parent.user)
    assert "Menu principal" in text_of(parent.get(paths["Pour eux"]))
    assert "Menu principal" in text_of(parent.get(paths["Pour tous"]))


def test_an_article_of_another_town_is_not_found_here(family_site, town):
    elsewhere = make_article(make_authority("JolieVille"), "Ailleurs")
    assert family_site.get(f"/{town.slug}/actualites/{elsewhere.public_id}/").status_code == 404


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/aide/", "Aide"),
        ("/accessibilite/", "Déclaration d’accessibilité"),
        ("/donnees-personnelles/", "Vos données personnelles"),
        ("/mentions-legales/", "Mentions légales"),
        ("/contact/", "Contact"),
    ],
)
def test_the_pages_of_the_footer_are_on_both_sites(family_site, office_site, town, path, title):
    for site, place in ((family_site, "Espace famille"), (office_site, "Bureau · espace agents")):
        text = text_of(site.get(path))
        assert f"<h1>{title}</h1>" in text
        assert place in text


def test_no_page_has_inline_style_or_script(parent, town):
    make_family(town, user=parent.user)
    for path in ("actualites/", "factures/", "demandes/", "profil/", "profil/enfants/", ""):
        text = text_of(parent.get(f"/{town.slug}/{path}"))
        assert " style=" not in text
        assert "<style" not in text
        assert "<script>" not in text
