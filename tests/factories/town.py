"""A small town: an authority, its services, its families. Functions return the row they made; nothing is random.

Each writes under the guard's permission and inside the authority's scope, so that a test says only what it is about.
"""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from marelle.domain.accounts.models import Agent, Grant, User
from marelle.domain.authorities.models import Authority, Facility, SchoolClass
from marelle.domain.catalog.models import (
    Activity,
    ClosureDay,
    Holiday,
    Product,
    ProductSlot,
    Reglement,
    Service,
    Slot,
    SlotTemplate,
    Tariff,
)
from marelle.domain.families.models import Child, Custody, Family, Guardian, HealthRecord, Membership
from marelle.domain.news.models import Article
from marelle.domain.reservations.models import Enrollment, Place, Reservation
from marelle.foundation import tenancy
from marelle.foundation.money import in_amount
from marelle.foundation.periods import days_between
from marelle.foundation.writes import permitted

PASSWORD = "un mot de passe de test"
HASHED = "argon2$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$invalid"
YEAR = (date(2026, 9, 1), date(2027, 7, 3))
DAY_BEFORE_AT_NINE = {"book": {"shape": "offset", "count": 1, "unit": "school_day", "time": "09:00"}, "cancel": "same"}
_number = itertools.count(1)


def make_authority(name: str = "Dammartin-sur-Tigeaux", **fields) -> Authority:
    number = next(_number)
    values = {
        "slug": f"commune-{number}",
        "department": "77",
        "school_zone": "C",
        "taught_weekdays": [0, 1, 3, 4],
        "phone": "01 64 04 30 10",
        "email": "mairie@exemple.fr",
        "opening_hours": "Du lundi au vendredi, 9 h à 12 h",
        **fields,
    }
    with permitted("factory"):
        authority = Authority.objects.create(name=name, **values)
        with tenancy.scope({authority.pk}):
            # Its calendar is published far ahead: without one, no rule that counts days of class decides anything.
            Holiday.objects.create(
                authority=authority,
                kind="school",
                name="Vacances d’été",
                starts_on=date(2030, 7, 6),
                ends_on=date(2030, 8, 31),
            )
    return authority


def make_facility(authority: Authority, name: str = "École des Tilleuls", **fields) -> Facility:
    with permitted("factory"), tenancy.scope({authority.pk}):
        return Facility.objects.create(
            authority=authority, name=name, code=fields.pop("code", f"site-{next(_number)}"), **fields
        )


def make_class(facility: Facility, name: str = "CE2", **fields) -> SchoolClass:
    with permitted("factory"), tenancy.scope({facility.authority_id}):
        return SchoolClass.objects.create(
            authority_id=facility.authority_id,
            facility=facility,
            name=name,
            code=fields.pop("code", f"classe-{next(_number)}"),
            **fields,
        )


def make_service(authority: Authority, name: str = "Cantine", **fields) -> Service:
    with permitted("factory"), tenancy.scope({authority.pk}):
        return Service.objects.create(
            authority=authority, name=name, code=fields.pop("code", f"service-{next(_number)}"), **fields
        )


def make_product(
    authority: Authority,
    *,
    name: str = "Repas",
    noun: str = "repas",
    plural: str = "repas",
    service: Service | None = None,
    facility: Facility | None = None,
    capacity: int | None = 96,
    rules: dict | None = None,
    price_cents: int | None = 385,
    period: tuple[date, date] = YEAR,
    term_weekdays: tuple[int, ...] = (0, 1, 3, 4),
    holiday_weekdays: tuple[int, ...] = (),
    slot_days: tuple[date, date] | None = (date(2026, 11, 1), date(2026, 12, 31)),
    ends_at: time = time(13, 30),
) -> Product:
    """Make a product with its activity, its one slot template, règlement, price, and slots for `slot_days`."""
    number = next(_number)
    service = service or make_service(authority)
    facility = facility or make_facility(authority)
    with permitted("factory"), tenancy.scope({authority.pk}), transaction.atomic():
        activity = Activity.objects.create(
            authority=authority,
            code=f"activite-{number}",
            name=f"{name} {number}",
            service=service,
            facility=facility,
            starts_on=period[0],
            ends_on=period[1],
            term_weekdays=list(term_weekdays),
            holiday_weekdays=list(holiday_weekdays),
            position=number,
        )
        template = SlotTemplate.objects.create(
            authority=authority,
            activity=activity,
            code="midi",
            name="Midi",
            starts_at=time(11, 30),
            ends_at=ends_at,
            capacity=capacity,
        )
        product = Product.objects.create(
            authority=authority,
            code=f"produit-{number}",
            activity=activity,
            name=name,
            noun=noun,
            plural=plural,
            position=number,
        )
        ProductSlot.objects.create(authority=authority, product=product, template=template)
        Reglement.objects.create(
            authority=authority, activity=activity, valid_from=period[0], rules=rules or DAY_BEFORE_AT_NINE
        )
        if price_cents is not None:
            Tariff.objects.create(
                authority=authority,
                product=product,
                valid_from=period[0],
                rules={"price": in_amount(price_cents)},
                resolution="délibération 2026-31",
            )
        if slot_days:
            Slot.objects.bulk_create(
                Slot(authority=authority, template=template, activity=activity, date=day, capacity=capacity)
                for day in days_between(*slot_days)
                if day.weekday() in {*term_weekdays, *holiday_weekdays}
            )
        _touch(authority)
    return product


def make_holiday(authority: Authority, name: str, starts_on: date, ends_on: date, kind: str = "school") -> Holiday:
    with permitted("factory"), tenancy.scope({authority.pk}):
        row = Holiday.objects.create(authority=authority, kind=kind, name=name, starts_on=starts_on, ends_on=ends_on)
        _touch(authority)
    return row


def make_closure(authority: Authority, reason: str, day: date, **fields) -> ClosureDay:
    with permitted("factory"), tenancy.scope({authority.pk}):
        row = ClosureDay.objects.create(authority=authority, reason=reason, starts_on=day, ends_on=day, **fields)
        _touch(authority)
    return row


def make_user(email: str = "") -> User:
    """Make an account that the test client signs in with `force_login`: hashing a password takes time."""
    with permitted("factory"):
        return User.objects.create(email=email or f"compte-{next(_number)}@exemple.fr", password=HASHED)


def make_family(authority: Authority, name: str = "Sanchez-Cordoves", *, user: User | None = None) -> Family:
    """Make a family with one guardian, and the membership of `user` (a new account by default)."""
    user = user or make_user()
    with permitted("factory"), tenancy.scope({authority.pk}):
        family = Family.objects.create(authority=authority, name=name, code=f"dossier-{next(_number)}")
        guardian = Guardian.objects.create(
            authority=authority, family=family, first_name="Maria", last_name=name, relation="mère"
        )
        Membership.objects.create(
            authority=authority,
            user=user,
            family=family,
            guardian=guardian,
            joined_at=datetime(2026, 9, 1, tzinfo=UTC),
        )
    return family


def make_child(
    family: Family,
    first_name: str = "Lucia",
    *,
    products: tuple[Product, ...] = (),
    birth_date: date = date(2017, 4, 9),
    school_class: SchoolClass | None = None,
    allergies: str = "",
    diet: str = "",
    enrolled: tuple[date, date] = YEAR,
) -> Child:
    """Make a child of `family`, enrolled in the activities of `products`."""
    with permitted("factory"), tenancy.scope({family.authority_id}), transaction.atomic():
        child = Child.objects.create(
            authority_id=family.authority_id,
            code=f"enfant-{next(_number)}",
            first_name=first_name,
            last_name=family.name,
            birth_date=birth_date,
            school_class=school_class,
            animal="squirrel",
            chalk="coral",
        )
        Custody.objects.create(authority_id=family.authority_id, child=child, family=family, starts_on=date(2020, 1, 1))
        for activity in sorted({product.activity_id for product in products}):
            Enrollment.objects.create(
                authority_id=family.authority_id,
                child=child,
                activity_id=activity,
                starts_on=enrolled[0],
                ends_on=enrolled[1],
            )
        if allergies or diet:
            HealthRecord.objects.create(authority_id=family.authority_id, child=child, allergies=allergies, diet=diet)
    return child


def make_reservation(child: Child, product: Product, day: date, *, family: Family, **fields) -> Reservation:
    """Make a reservation with its places, counted on its slots."""
    values = {
        "state": "reserved",
        "timing": "on_time",
        "reserved_at": datetime(2026, 11, 1, 8, tzinfo=UTC),
        **fields,
    }
    with permitted("factory"), tenancy.scope({family.authority_id}), transaction.atomic():
        row = Reservation.objects.create(
            authority_id=family.authority_id, child=child, product=product, family=family, date=day, **values
        )
        templates = ProductSlot.objects.filter(product=product).values_list("template_id", flat=True)
        for slot in Slot.objects.filter(template__in=list(templates), date=day):
            Place.objects.create(authority_id=family.authority_id, reservation=row, slot=slot)
            slot.taken += 1
            slot.save(update_fields=["taken"])
    return row


def make_agent(authority: Authority, name: str = "Nadia Ferrand", *roles: str, user: User | None = None) -> Agent:
    """Make an agent with these roles for the whole authority; all of them when none is given."""
    with permitted("factory"), tenancy.scope({authority.pk}):
        agent = Agent.objects.create(authority=authority, user=user or make_user(), name=name)
        for role in roles or tuple(Grant.Role.values):
            Grant.objects.create(authority=authority, agent=agent, role=role)
    return agent


def make_article(authority: Authority, title: str, **fields) -> Article:
    values = {"body": "Texte.", "published_on": date(2026, 11, 1), **fields}
    with permitted("factory"), tenancy.scope({authority.pk}):
        return Article.objects.create(authority=authority, title=title, code=f"article-{next(_number)}", **values)


def tomorrow(day: date) -> date:
    return day + timedelta(days=1)


def _touch(authority: Authority) -> None:
    authority.catalog_version += 1
    Authority.objects.filter(pk=authority.pk).update(catalog_version=authority.catalog_version)
