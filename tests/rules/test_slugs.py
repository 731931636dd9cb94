"""The word that names an authority in addresses."""

import pytest

from marelle.domain.authorities.rules.slugs import is_free


@pytest.mark.parametrize("slug", ["dammartin-sur-tigeaux", "compte-d-azur", "f-ete", "aide-sur-mer"])
def test_a_town_keeps_its_name(slug):
    assert is_free(slug)


@pytest.mark.parametrize("slug", ["compte", "static", "f-0a1b2c3d4e5f"])
def test_an_address_of_the_site_is_not_a_town_s(slug):
    assert not is_free(slug)
