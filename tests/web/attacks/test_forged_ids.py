"""Other people's things: forged names, other people's addresses, and what a browser says that is not its to say."""

from __future__ import annotations

import pytest

from marelle.domain.reservations.models import (
    Reservation,
)
from marelle.foundation import tenancy
from tests.web.attacks.town import BOBBY, FAMILY, FRIDAY, OFFICE, TUESDAY, Town, addresses, each_address, place, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


def test_a_parent_finds_nothing_at_the_town_hall_and_an_agent_nothing_at_the_families(town):
    for one in each_address(town):
        if not one.is_somebody_s:
            continue
        stranger = place(one.host, town.user if one.host == OFFICE else town.agent.user)
        with undone() as statements:
            answer = stranger.get(one.path) if one.form is None else stranger.post(one.path, one.form)
        assert answer.status_code in {404, 405}, one.name
        assert not statements


def test_nobody_of_one_town_has_anything_in_another(town):
    elsewhere = Town()
    before = town.rows()
    for one in each_address(town):
        if not one.is_somebody_s:
            continue
        stranger = place(one.host, elsewhere.user if one.host == FAMILY else elsewhere.agent.user)
        # In the other town's addresses, and with the other town's names in one's own.
        for path in (one.path, one.path.replace(f"/{town.slug}/", f"/{elsewhere.slug}/")):
            answer = stranger.get(path) if one.form is None else stranger.post(path, one.form)
            assert answer.status_code < 500, one.name
            if path == one.path:
                assert answer.status_code == 404, one.name
            # One's own letters are a file, not words.
            assert town.child.public_id not in answer.content.decode("utf-8", "replace") or one.form, one.name
    assert town.rows() == before


def test_another_family_s_child_basket_key_request_and_confirmation_are_out_of_reach(town):
    stranger = place(FAMILY, town.stranger_user)
    before = town.rows()
    at = f"/{town.slug}"
    square = town.square()

    refused = [
        stranger.post(f"{at}/reservations/", {"want": square, "was": ""}),
        stranger.post(f"{at}/reservations/", {"want": "", "was": town.square(TUESDAY)}),
        stranger.post(f"{at}/reservations/", {"all": square}),
        stranger.post(f"{at}/reservations/", {"wait": town.square(product=town.full)}),
        stranger.post(f"{at}/reservations/", {"leave": square}),
        stranger.post(f"{at}/reservations/case/", {"cell": square, "want": "on"}),
        stranger.post(f"{at}/reservations/periode/", addresses(town)["period"][2]),
        stranger.get(f"{at}/panier/confirmations/{town.confirmation.number}/"),
    ]

    assert [answer.status_code for answer in refused] == [400, 400, 400, 400, 400, 400, 422, 404]
    stranger.post(f"{at}/panier/retirer/", {"remove": f"{town.child.public_id}.{town.meal.public_id}.reserve"})
    stranger.post(f"{at}/panier/vider/", {})
    for key in (town.basket.key, town.confirmation.basket_key):
        assert stranger.post(f"{at}/panier/valider/", {"key": key, "revision": "0"}).status_code == 409
    after = town.rows()
    after["Basket"] = [row for row in after["Basket"] if row["user_id"] != town.stranger_user.pk]
    assert after == before
    for page in (
        "reservations/",
        "panier/",
        "demandes/",
        "profil/",
        "profil/enfants/",
        f"reservations/?enfant={town.child.public_id}",
    ):
        assert "Bobby" not in stranger.get(f"{at}/{page}").content.decode(), page


@pytest.mark.parametrize("revision", ["", "-1", "1", "00000000000", "²", "٠" * 9])
def test_a_forged_or_stale_revision_confirms_nothing(town, revision):
    before = town.rows()

    answer = place(FAMILY, town.user).post(
        f"/{town.slug}/panier/valider/", {"key": town.basket.key, "revision": revision, "words": ""}
    )

    assert answer.status_code == 409
    assert town.rows() == before


def test_what_a_browser_says_of_price_state_family_and_place_is_not_read(town):
    forged = {
        "key": town.basket.key,
        "revision": "0",
        "words": "",
        "price_cents": "0",
        "cents": "0",
        "state": "held",
        "family": town.stranger.pk,
        "user": town.stranger_user.pk,
        "child": town.zoe.pk,
        "held_until": "2099-01-01",
        "authority": "1",
        "by": "1",
        "is_staff": "1",
    }

    answer = place(FAMILY, town.user).post(f"/{town.slug}/panier/valider/", forged)

    assert answer.status_code == 303
    with tenancy.scope({town.authority.pk}):
        made = Reservation.objects.get(child=town.child, date=FRIDAY)
    assert (made.price_cents, made.state, made.family_id, made.held_until) == (385, "reserved", town.family.pk, None)


def test_the_contact_form_changes_the_contact_of_its_own_family_and_nothing_else(town):
    client = place(FAMILY, town.user)
    forged = {
        "email": "a@b.fr",
        "phone": "",
        "pk": town.stranger.pk,
        "family": town.stranger.pk,
        "name": "X",
        "code": "1",
    }

    client.post(f"/{town.slug}/profil/", forged)

    with tenancy.scope({town.authority.pk}):
        town.family.refresh_from_db()
        town.stranger.refresh_from_db()
    assert (town.family.email, town.family.name, town.stranger.email) == ("a@b.fr", BOBBY, "")
    assert client.post(f"/{town.slug}/profil/", {"email": "", "phone": "06" + "٠" * 8}).status_code == 422


def test_a_square_that_the_page_does_not_show_is_refused_before_anything_is_written(town):
    client = place(FAMILY, town.user)
    before = town.rows()
    elsewhere = town.square(product=town.outing)
    at = f"/{town.slug}/reservations/"

    assert client.post(f"{at}case/?site={town.school.code}", {"cell": elsewhere, "want": "on"}).status_code == 400
    assert client.post(f"{at}?site={town.school.code}", {"all": elsewhere}).status_code == 400
    assert town.rows() == before


def test_another_family_of_the_town_has_nothing_of_a_request(town):
    stranger = place(FAMILY, town.stranger_user)
    before = town.rows()
    for one in each_address(town):
        if "application" not in one.kwargs or one.name.startswith("office_"):
            continue
        answer = stranger.get(one.path) if one.form is None else stranger.post(one.path, one.form)
        assert answer.status_code == 404, one.name
        assert "Bobby" not in answer.content.decode()
    assert town.rows() == before


def test_a_request_begun_elsewhere_or_about_the_child_of_another_home_is_not_made(town):
    elsewhere = Town()
    client, at = place(FAMILY, town.user), f"/{town.slug}/demandes/"
    assert client.post(f"{at}nouvelle/", {"procedure": elsewhere.procedure.public_id}).status_code == 404
    draft = f"{at}{town.begun.public_id}/"
    filled = addresses(town)["application"][2]

    for stolen in (town.zoe, elsewhere.child):
        answer = client.post(draft, {**filled, "children": stolen.public_id})
        assert answer.status_code == 422
        assert client.post(f"{draft}envoyer/", {}).status_code == 422
    for stolen in (elsewhere.document, elsewhere.incomplete):
        client.post(draft, {**filled, "reuse-proof": stolen.public_id})
    with tenancy.scope({town.authority.pk}):
        assert [joined.document_id for joined in town.begun.documents.all()] == [town.document.pk]
        town.begun.refresh_from_db()
        assert town.begun.state == "draft"
