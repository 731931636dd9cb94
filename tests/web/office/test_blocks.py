"""Blocks on a family's page: noted, seen, lifted; what is wrong is said in its place."""

import pytest

from marelle.domain.families.models import Block
from marelle.foundation import tenancy
from tests.factories import town
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")


def page(office, family=None):
    return body(office.client.get(office.at(f"familles/{(family or office.family).public_id}/")))


def put(office, **fields):
    return office.client.post(office.at(f"familles/{office.family.public_id}/blocages/"), fields)


def standing(office):
    with tenancy.scope({office.authority.pk}):
        return list(Block.objects.filter(lifted_at__isnull=True).values_list("kind", "amount_cents", "document"))


def test_a_family_without_blocks_says_so(office):
    assert "Rien ne s’oppose aux réservations de cette famille." in page(office)


@pytest.mark.parametrize(
    ("fields", "row", "words"),
    [
        ({"kind": "unpaid", "amount": "62,40"}, ("unpaid", 6240, ""), "Factures impayées : 62,40"),
        ({"kind": "incomplete_file"}, ("incomplete_file", 0, ""), "Dossier incomplet"),
        (
            {"kind": "missing_document", "document": " Assurance "},
            ("missing_document", 0, "Assurance"),
            "Document manquant : Assurance",
        ),
    ],
)
def test_a_block_is_noted_and_shown_with_its_day(office, fields, row, words):
    assert put(office, **fields).status_code == 303

    assert standing(office) == [row]
    assert words in page(office)
    assert "depuis le 23/11/2026" in page(office)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": ""}, "Choisissez un motif."),
        ({"kind": "théière"}, "Choisissez un motif."),
        ({"kind": "unpaid"}, "Indiquez un montant"),
        ({"kind": "unpaid", "amount": "beaucoup"}, "Indiquez un montant"),
        ({"kind": "unpaid", "amount": "999999999"}, "Indiquez un montant"),
        ({"kind": "missing_document", "document": " "}, "Écrivez le nom du document"),
        ({"kind": "missing_document", "document": "x" * 81}, "80 caractères au plus."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_noted(office, fields, sentence):
    answer = put(office, **fields)

    assert answer.status_code == 422
    assert sentence in body(answer)
    assert standing(office) == []


def test_a_block_is_lifted_once_and_the_second_time_is_not_found(office):
    put(office, kind="incomplete_file")
    with tenancy.scope({office.authority.pk}):
        block = Block.objects.get()
    address = office.at(f"familles/{office.family.public_id}/blocages/{block.public_id}/")

    first, second = office.client.post(address), office.client.post(address)

    assert (first.status_code, second.status_code) == (303, 404)
    assert standing(office) == []


def test_a_block_of_another_family_is_not_found_under_this_one(office):
    other = town.make_family(office.authority, "Autre")
    put(office, kind="incomplete_file")
    with tenancy.scope({office.authority.pk}):
        block = Block.objects.get()

    answer = office.client.post(office.at(f"familles/{other.public_id}/blocages/{block.public_id}/"))

    assert answer.status_code == 404
    assert len(standing(office)) == 1
