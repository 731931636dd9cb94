"""The service and the place that a page of a day is about: chosen in its address, kept from link to link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from marelle.web.components.controls import Choice
from marelle.web.office.day import roll

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest

    from marelle.domain.catalog.queries import ProductOffer

SERVICE: Final = "service"
FACILITY: Final = "etablissement"


def chosen(request: HttpRequest, products: Sequence[ProductOffer]) -> dict[str, str]:
    """Will return what the address chooses; what names nothing is dropped, rather than showing an empty page."""
    services = {product.activity.service.code for product in products}
    facilities = {roll.facility_code(product) for product in products}
    service, facility = request.GET.get(SERVICE, ""), request.GET.get(FACILITY, "")
    return {SERVICE: service if service in services else "", FACILITY: facility if facility in facilities else ""}


def shown(products: Sequence[ProductOffer], asked: Mapping[str, str]) -> tuple[ProductOffer, ...]:
    """Will keep the products chosen."""
    return roll.products_shown(products, service=asked[SERVICE], facility=asked[FACILITY])


def with_query(url: str, asked: Mapping[str, str]) -> str:
    """Will write an address with what is chosen."""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{url}?{query}" if query else url


def service_choices(url: str, products: Sequence[ProductOffer], asked: Mapping[str, str]) -> list[Choice]:
    """Will return a link for each service of `products`, none when there is one only."""
    services = {product.activity.service.code: product.activity.service for product in products}
    names = {"": ("Tous les services", ""), **{code: (one.name, one.icon) for code, one in services.items()}}
    return _choices(url, SERVICE, names, asked)


def facility_choices(url: str, products: Sequence[ProductOffer], asked: Mapping[str, str]) -> list[Choice]:
    """Will return a link for each place of `products`, none when there is one only."""
    places = {roll.facility_code(product): product.activity.facility_name for product in products}
    names = {"": ("Tous les lieux", ""), **{code: (name, "") for code, name in places.items()}}
    return _choices(url, FACILITY, names, asked)


def _choices(url: str, name: str, labels: Mapping[str, tuple[str, str]], asked: Mapping[str, str]) -> list[Choice]:
    if len(labels) <= 2:  # noqa: PLR2004  « all » and the only one
        return []
    return [
        Choice(label, with_query(url, {**asked, name: code}), asked[name] == code, icon)
        for code, (label, icon) in labels.items()
    ]
