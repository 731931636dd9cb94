"""Named reads of authorities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Authority

if TYPE_CHECKING:
    from django.db.models import QuerySet


def open_authorities() -> QuerySet[Authority]:
    """Will return the authorities that families can come to, by name, without their files."""
    return Authority.objects.filter(is_open=True).defer("logo", "palette_css").order_by("name")
