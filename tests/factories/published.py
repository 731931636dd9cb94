"""What a town has published: menus, who cooks them, documents to download."""

from __future__ import annotations

from datetime import UTC, date, datetime

from marelle.domain.authorities.models import Authority, Facility
from marelle.domain.news.models import Dish, Download, Kitchen, Menu
from marelle.domain.news.rules.menus import Course, Meal
from marelle.domain.news.rules.menus import Dish as Served
from marelle.foundation import files, tenancy
from marelle.foundation.writes import permitted

PUBLISHED_AT = datetime(2026, 11, 16, 8, tzinfo=UTC)


def make_menu(
    authority: Authority, day: date, *dishes: Served | str, facility: Facility | None = None, **fields
) -> Menu:
    """Publish the lunch of a day; a dish that is only named is the main one."""
    facts = {"meal": Meal.LUNCH, "published_at": PUBLISHED_AT, "changed_at": PUBLISHED_AT, **fields}
    served = [Served(Course.MAIN, one) if isinstance(one, str) else one for one in dishes]
    with permitted("factory"), tenancy.scope({authority.pk}):
        menu = Menu.objects.create(authority=authority, day=day, facility=facility, **facts)
        for position, one in enumerate(served):
            Dish.objects.create(
                authority=authority,
                menu=menu,
                position=position,
                course=one.course,
                name=one.name,
                allergens=sorted(one.allergens),
                marks=sorted(one.marks),
                label=one.label,
            )
    return menu


def make_kitchen(authority: Authority, name: str = "Cuisine centrale du Val", siret: str = "") -> Kitchen:
    """Say who cooks."""
    with permitted("factory"), tenancy.scope({authority.pk}):
        return Kitchen.objects.create(authority=authority, name=name, siret=siret)


def make_download(authority: Authority, title: str, *, content: bytes = b"%PDF-1.7", **fields) -> Download:
    """Put a document to download, as if it had been cleaned."""
    facts = {
        "published_on": date(2026, 11, 1),
        "file_name": "document.pdf",
        "content_type": "application/pdf",
        "size": len(content),
        "pages": 1,
        "is_public": False,
        **fields,
    }
    with permitted("factory"), tenancy.scope({authority.pk}):
        return Download.objects.create(authority=authority, title=title, stored_as=files.store(content), **facts)
