"""`marelle generate`: an authority of any size, the same for the same seed, written straight into the database.

The offer goes through the same door as a file does; families, reservations and attendance are copied in bulk.
"""

from __future__ import annotations

import json
import math
import random
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from marelle.commands.refusal import Refused
from marelle.foundation.money import in_amount
from marelle.foundation.periods import days_between
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from django.db.models import Model

    from marelle.domain.accounts.models import User
    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.onboarding.queries.authority_file.shapes import FileShape
    from marelle.foundation.actors import Actor

    # Tells whether a day is of the first home of those who have two.
    _Turns = Callable[[date], bool]

SLUG: Final = "collectivite-demo"
NAME: Final = "Collectivité Démo"
PASSWORD: Final = "marelle-demo-2026"  # noqa: S105  a demonstration's, and written in the README
KNOWN_FAMILY: Final = "famille.banc@exemple.fr"
KNOWN_AGENT: Final = "agent.banc@exemple.fr"
DEMONSTRATION_FAMILIES: Final = 40
MOST_FAMILIES: Final = 20_000
ENOUGH_TO_ANALYZE: Final = 200
FAMILIES_PER_SCHOOL: Final = 250
WEEKS_BEFORE: Final = 4
WEEKS_AFTER: Final = 3
# Of a hundred families, how many have one child, two, three: three children for two families on average.
CHILDREN_WEIGHTS: Final = (58, 34, 8)
LEVELS: Final = ("PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")
LEVEL_NAMES: Final = {"PS": "Petite section", "MS": "Moyenne section", "GS": "Grande section"}

# Product, weekdays on which it opens, share of the children who come at all, share of their days they reserve.
HABITS: Final = {
    "repas": (0.85, 0.85),
    "matin": (0.20, 0.60),
    "etude": (0.25, 0.60),
    "soir": (0.25, 0.55),
    "mercredi-matin": (0.25, 0.80),
    "mercredi-apres-midi": (0.20, 0.80),
}
# One family in ten shares its children with the next one, a week each: an even week with the first.
SHARING_EVERY, SHARES = 10, 5
FIRST_NAMES: Final = tuple(  # a page of names reads better than a column
    "Adam Agathe Alice Alma Ambre Anaïs Anna Arthur Augustin Axel Baptiste Camille Capucine Charlie Chloé Clara "  # noqa: SIM905
    "Clément Côme Diane Eden Élise Elio Élisa Éliott Emma Enzo Esteban Ethan Eva Fatou Félix Gabin Gabriel Hugo "
    "Inès Ismaël Iris Isaac Jade Jeanne Jules Julia Juliette Kenza Léa Léo Léon Léonie Lila Lina Lise Louis "
    "Louise Lucas Lucie Lyam Maé Maël Malo Manon Marceau Margot Marius Martin Mathis Maya Mia Mila Milo Naël "
    "Nathan Nina Noah Noé Noémie Nour Olivia Oscar Paul Pauline Rachel Raphaël Robin Romane Romy Rose Sacha "
    "Salomé Samuel Sarah Simon Sohan Soline Sonia Stella Théo Thomas Tiago Timéo Tom Valentin Victoire Victor "
    "Viktor Yanis Yasmine Zélie Zoé".split()
)
LAST_NAMES: Final = tuple(  # a page of names reads better than a column
    "Adam Aubert Aubry Bailly Barbier Baron Benali Benoît Berger Bernard Bertin Blanc Boulanger Bourgeois Boyer "  # noqa: SIM905
    "Breton Brunet Carlier Caron Charpentier Chevalier Clément Colin Collet Cordier Da-Costa Daniel David "
    "Delaunay Denis Deschamps Diallo Dubois Dumont Dupuis Durand Étienne Fabre Faure Fernandez Fischer Fleury "
    "Fontaine Fournier Gaillard Garnier Gauthier Gérard Gilbert Girard Guérin Guillot Haddad Hamel Henry Hoffmann "
    "Hubert Huet Jacquet Jacquot Joly Julien Keller Klein Lambert Langlois Laurent Leblanc Lebrun Leclerc Lefèvre "
    "Legrand Lemaire Lemoine Leroux Lévy Lopez Lucas Maillard Marchal Marchand Marie Martin Martinez Masson "
    "Mathieu Menard Mercier Meunier Meyer Michaud Michel Millet Monnier Moreau Morel Morin Moulin Müller N’Diaye "
    "Nguyen Nicolas Noël Olivier Ozturk Paris Pelletier Perrin Petit Philippe Picard Pichon Pierre Poirier "
    "Prévost Renard Renault Rey Reynaud Richard Rivière Robert Roche Roussel Roux Roy Schmitt Schneider Simon "
    "Tessier Thomas Traoré Vasseur Vidal Vincent Wagner Weber Weiss Zimmermann".split()
)
# Seven families in ten gave their quotient; bands of 250 €, to 2 000 €.
WITH_QUOTIENT: Final = 0.7
QUOTIENT_STEP: Final = 250
DIETS: Final = ("sans porc", "végétarien", "sans viande", "sans poisson")
ALLERGIES: Final = ("arachide", "fruits à coque", "lait de vache", "œuf", "gluten", "poisson")


# The columns of each copied table, in the order of its rows.
COLUMNS: Final = {
    "family": ("id", "authority_id", "public_id", "code", "name", "address", "email", "phone", "categories"),
    "familyquotient": (
        "authority_id", "public_id", "family_id", "value_cents", "valid_from", "source", "provider", "period",
        "recorded_at",
    ),
    "guardian": (
        "id", "authority_id", "public_id", "family_id", "first_name", "last_name", "relation", "email", "phone",
    ),
    "membership": ("authority_id", "user_id", "family_id", "guardian_id", "joined_at"),
    "child": (
        "id", "authority_id", "public_id", "code", "first_name", "last_name", "birth_date", "school_class_id", "animal",
        "chalk",
    ),
    "custody": ("authority_id", "child_id", "family_id", "starts_on"),
    "sharedcustody": (
        "authority_id", "public_id", "child_id", "first_home_id", "second_home_id", "starts_on", "terms", "origin",
        "settled_at", "written_with", "written_until",
    ),
    "custodyturn": ("authority_id", "child_id", "starts_on", "family_id", "beside_id", "is_open"),
    "healthrecord": ("authority_id", "child_id", "diet", "allergies", "care_plan"),
    "enrollment": ("authority_id", "child_id", "activity_id", "starts_on", "ends_on", "options"),
    "reservation": (
        "id", "authority_id", "child_id", "family_id", "product_id", "date", "state", "timing", "deadline_at",
        "reglement_id", "price_cents", "reserved_at", "reason",
    ),
    "place": ("authority_id", "reservation_id", "slot_id"),
    "attendance": ("authority_id", "child_id", "product_id", "date", "state", "recorded_at"),
}  # fmt: skip


def configure(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--families", type=int, default=1000, metavar="N", help="nombre de familles (1000)")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="graine : la même donne la même collectivité (1)"
    )
    parser.add_argument("--slug", default=SLUG, help=f"nom dans l’adresse ({SLUG})")


def run(options: Namespace) -> int:
    """Make the authority; return 0."""
    from marelle.foundation import clock
    from marelle.foundation.actors import SYSTEM

    authority = generate_authority(
        options.families, options.seed, slug=options.slug, by=SYSTEM, at=clock.business_now()
    )
    print(f"{authority.name} : {options.families} familles, à l’adresse /{authority.slug}/.")
    print(f"  famille : {KNOWN_FAMILY}   mairie : {KNOWN_AGENT}   mot de passe : {PASSWORD}")
    return 0


@operation
def generate_authority(families: int = 1000, seed: int = 1, *, slug: str = SLUG, by: Actor, at: datetime) -> Authority:
    """Will make an authority of `families` families around the business moment `at`; raises Refused when it cannot.

    One family is known: the account KNOWN_FAMILY, with three children enrolled in the six products of their school.
    """
    from marelle.domain.accounts.operations.people import open_accounts
    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.queries import offer_of
    from marelle.foundation import audit, tenancy

    if not 1 <= families <= MOST_FAMILIES:
        raise Refused(f"le nombre de familles va de 1 à {MOST_FAMILIES}.")
    if Authority.objects.filter(slug=slug).exists():
        raise Refused(f"la collectivité « {slug} » existe déjà : donnez un autre nom avec --slug.")
    random_numbers = random.Random(f"{slug}/{seed}/{families}")  # noqa: S311  no secret: the same for the same seed
    # Opened together: one password is hashed once. The other families' accounts cannot sign in.
    accounts = open_accounts(
        {KNOWN_FAMILY: PASSWORD, KNOWN_AGENT: PASSWORD} | {_address(place, slug): None for place in range(1, families)},
        by=by,
        at=at,
    )
    authority = _offer(families, slug, by=by, at=at)
    with tenancy.scope({authority.pk}):
        people = _people(authority, families, accounts, random_numbers, at)
        offer = offer_of(authority)
        count = _reservations(authority, offer, people, random_numbers, at)
        if families >= ENOUGH_TO_ANALYZE:
            _analyze()
        audit.record(
            "generate_authority",
            authority=authority.pk,
            of="authority",
            key=authority.pk,
            by=by,
            at=at,
            families=families,
            children=len(people),
            reservations=count,
        )
    return authority


@dataclass(frozen=True, slots=True)
class _Person:
    """A generated child: keys, school, birth date, and whether it belongs to the known family."""

    pk: int
    family: int
    school: int
    birth_date: date
    is_known: bool
    # Its other home, of one that is a week here and a week there.
    beside: int = 0


def _offer(families: int, slug: str, *, by: Actor, at: datetime) -> Authority:
    from marelle.domain.onboarding.operations.loading import load
    from marelle.domain.onboarding.queries.authority_file.reading import AuthorityFile, Lines
    from marelle.domain.onboarding.queries.authority_file.shapes import FileShape

    said: FileShape = FileShape.model_validate(_description(families, slug, at))
    return load(AuthorityFile(Path(), said, Lines({})), accept_passwords=True, by=by, at=at).authority


def _description(families: int, slug: str, at: datetime) -> dict[str, Any]:
    """Will describe the authority as a file would: a school for each 250 families, six products in each."""
    schools = math.ceil(families / FAMILIES_PER_SCHOOL)
    children = 1.5 * families / schools
    year = at.year if at.month >= 8 else at.year - 1  # noqa: PLR2004  a school year is prepared in August
    days = {"starts_on": date(year, 9, 1).isoformat(), "ends_on": date(year + 2, 7, 3).isoformat()}
    school_days = ["mon", "tue", "thu", "fri"]
    before_nine = {"shape": "offset", "count": 1, "unit": "school_day", "time": "09:00", "boundary": "lt"}
    rules = [{"valid_from": days["starts_on"], "resolution": f"{year}-41", "book": before_nine, "article": "article 4"}]

    bounds = range(QUOTIENT_STEP, 8 * QUOTIENT_STEP, QUOTIENT_STEP)
    # From 1,50 € below 250 to 4,30 € from 2 000 on.
    by_quotient = {
        "by": "quotient",
        "missing": "highest",
        "bands": [
            *({"below": bound, "price": in_amount(110 + bound * 16 // 100)} for bound in bounds),
            {"price": "4,30"},
        ],
    }

    def slot(code: str, name: str, starts_at: str, ends_at: str, share: float) -> dict[str, Any]:
        capacity = max(8, math.ceil(children * share))
        return {"code": code, "name": name, "starts_at": starts_at, "ends_at": ends_at, "capacity": capacity}

    def product(  # noqa: PLR0917  the columns of a table
        school: int, code: str, name: str, noun: str, plural: str, takes: str, price: Any
    ) -> dict[str, Any]:
        tariff = {"valid_from": days["starts_on"], "price": price, "resolution": f"{year}-42"}
        return {
            "code": f"{code}-{school}", "name": name, "noun": noun, "plural": plural, "takes": [takes],
            "tariffs": [tariff],
        }  # fmt: skip

    def activity(  # noqa: PLR0917  the columns of a table
        school: int, code: str, name: str, slots: list[Any], products: list[Any], week: list[str]
    ) -> dict[str, Any]:
        return {
            "code": f"{code}-{school}", "name": name, "facility": f"ecole-{school}", **days, "term_weekdays": week,
            "slots": slots, "products": products, "reglements": rules,
        }  # fmt: skip

    every = range(1, schools + 1)
    canteen = [
        activity(
            n, "cantine", "Cantine", [slot("midi", "Midi", "11:45", "13:30", 1.0)],
            [product(n, "repas", "Repas", "repas", "repas", "midi", by_quotient)], school_days,
        )
        for n in every
    ]  # fmt: skip
    around = [
        each
        for n in every
        for each in (
            activity(
                n, "garderie-matin", "Garderie du matin", [slot("matin", "Matin", "07:30", "08:30", 0.4)],
                [product(n, "matin", "Garderie du matin", "garderie du matin", "garderies du matin", "matin", "1,80")],
                school_days,
            ),
            activity(
                n, "etude", "Étude surveillée", [slot("etude", "Étude", "16:30", "18:00", 0.2)],
                [product(n, "etude", "Étude", "étude", "études", "etude", "2,60")], school_days,
            ),
            activity(
                n, "garderie-soir", "Garderie du soir", [slot("soir", "Soir", "16:30", "18:30", 0.4)],
                [product(n, "soir", "Garderie du soir", "garderie du soir", "garderies du soir", "soir", "2,10")],
                school_days,
            ),
        )
    ]  # fmt: skip
    wednesdays = [
        activity(
            n, "mercredis", "Mercredis",
            [slot("matin", "Matin", "08:30", "12:00", 0.3), slot("apres-midi", "Après-midi", "13:30", "17:30", 0.3)],
            [
                product(n, "mercredi-matin", "Mercredi matin", "matinée", "matinées", "matin", "5,20"),
                product(
                    n, "mercredi-apres-midi", "Mercredi après-midi", "après-midi", "après-midi", "apres-midi", "5,60"
                ),
            ],
            ["wed"],
        )
        for n in every
    ]  # fmt: skip
    facilities = [
        {
            "code": f"ecole-{n}", "name": f"École n° {n}", "address": f"{n} rue des Écoles",
            "classes": [{"code": each.lower(), "name": LEVEL_NAMES.get(each, each), "level": each} for each in LEVELS],
        }
        for n in every
    ]  # fmt: skip
    roles = ["view_day", "record_attendance", "manage_reservations", "administer", "see_health", "see_quotient"]
    return {
        "authority": {
            "slug": slug, "name": NAME if slug == SLUG else f"{NAME} ({slug})", "department": "67", "school_zone": "B",
            "accent": "#046E30", "phone": "03 00 00 00 00", "email": "enfance@demo.exemple.fr",
            "address": "1 place de la Mairie, 67000 Démo", "opening_hours": "Du lundi au vendredi, de 9 h à 17 h",
            "announcement": "Les services enfance de la Collectivité Démo sont en ligne !",
        },
        "regies": [{"code": "enfance", "name": "Régie enfance"}],
        "facilities": facilities,
        "services": [
            {"code": "cantine", "name": "Cantine", "regie": "enfance", "activities": canteen},
            {
                "code": "periscolaire", "name": "Périscolaire", "icon": "sunrise", "regie": "enfance",
                "activities": around,
            },
            {"code": "mercredis", "name": "Mercredis", "icon": "sun", "regie": "enfance", "activities": wednesdays},
        ],
        "agents": [
            {
                "email": KNOWN_AGENT, "name": "Agent du banc", "demonstration_password": PASSWORD,
                "grants": [{"role": role} for role in roles],
            }
        ],
        "articles": [
            {
                "code": "rentree", "title": "Une rentrée en ligne", "published_on": days["starts_on"],
                "body": "Cantine, périscolaire et mercredis se réservent ici, d’un jour à l’autre.",
            }
        ],
    }  # fmt: skip


def _people(
    authority: Authority, families: int, accounts: dict[str, User], numbers: random.Random, at: datetime
) -> list[_Person]:
    """Will copy families, guardians, accounts, children, custody, health and enrollments; return the children."""
    from marelle.domain.authorities.models import Facility, SchoolClass
    from marelle.domain.catalog.models import Activity
    from marelle.domain.families.models import (
        Child,
        Custody,
        Family,
        FamilyQuotient,
        Guardian,
        HealthRecord,
        Membership,
    )
    from marelle.domain.onboarding.operations.loading import ANIMALS, CHALKS
    from marelle.domain.reservations.models import Enrollment
    from marelle.foundation.encryption import encrypt
    from marelle.foundation.public_ids import ALPHABET, LENGTH

    def public_id() -> str:
        return "".join(numbers.choices(ALPHABET, k=LENGTH))

    school_codes = dict(Facility.objects.values_list("pk", "code"))
    schools = sorted(school_codes, key=lambda pk: int(school_codes[pk].rpartition("-")[2]))
    classes = {
        (school, level): pk for pk, school, level in SchoolClass.objects.values_list("pk", "facility_id", "level")
    }
    activities: dict[int, list[Activity]] = {}
    for activity in Activity.objects.order_by("pk"):
        activities.setdefault(activity.facility_id, []).append(activity)
    first_day = min(activity.starts_on for each in activities.values() for activity in each)
    sizes = [3, *numbers.choices((1, 2, 3), weights=CHILDREN_WEIGHTS, k=families - 1)]
    family_keys, guardian_keys = _keys(Family, families), _keys(Guardian, families)
    child_keys = iter(_keys(Child, sum(sizes)))

    tables: dict[type[Model], list[tuple[Any, ...]]] = {
        model: [] for model in (Family, FamilyQuotient, Guardian, Membership, Child, Custody, HealthRecord, Enrollment)
    }
    people: list[_Person] = []
    for place, size in enumerate(sizes):
        family, guardian = family_keys[place], guardian_keys[place]
        homes = family_keys[place : place + 1 + (place % SHARING_EVERY == SHARES)]
        name = "Banc-d’Essai" if place == 0 else numbers.choice(LAST_NAMES)
        email = _address(place, authority.slug)
        phone = f"06 {numbers.randrange(100):02d} 00 {place // 100:02d} {place % 100:02d}"
        code, street = f"F{place + 1:05d}", f"{numbers.randint(1, 120)} rue des Marronniers"
        tables[Family].append((family, authority.pk, public_id(), code, name, street, email, phone, []))
        if numbers.random() < WITH_QUOTIENT:
            value = 100 * numbers.randint(150, 2200)
            tables[FamilyQuotient].append(
                (authority.pk, public_id(), family, value, first_day, FamilyQuotient.Source.DOCUMENT.value, "", "", at)
            )
        first = numbers.choice(FIRST_NAMES)
        tables[Guardian].append((guardian, authority.pk, public_id(), family, first, name, "", email, phone))
        tables[Membership].append((authority.pk, accounts[email].pk, family, guardian, at))
        school = schools[min(place // FAMILIES_PER_SCHOOL, len(schools) - 1)]
        animals, chalks = numbers.sample(ANIMALS, size), numbers.sample(CHALKS, size)
        levels = [0, 3, 5] if place == 0 else [numbers.randrange(len(LEVELS)) for _ in range(size)]
        for nth, level in enumerate(levels):
            pk = next(child_keys)
            born = date(first_day.year - 3 - level, 1, 1) + timedelta(days=numbers.randrange(365))
            own_class = classes[school, LEVELS[level]]
            tables[Child].append(
                (
                    pk, authority.pk, public_id(), f"E{len(people) + 1:06d}", numbers.choice(FIRST_NAMES), name, born,
                    own_class, animals[nth], chalks[nth],
                )
            )  # fmt: skip
            tables[Custody].extend((authority.pk, pk, home, born) for home in homes)
            if numbers.random() < 0.1:  # noqa: PLR2004  one child in ten has something to be minded
                is_diet = numbers.random() < 0.5  # noqa: PLR2004  half of them
                diet = encrypt(numbers.choice(DIETS)) if is_diet else ""
                allergies = "" if is_diet else encrypt(numbers.choice(ALLERGIES))
                tables[HealthRecord].append((authority.pk, pk, diet, allergies, ""))
            tables[Enrollment].extend(
                (authority.pk, pk, activity.pk, activity.starts_on, activity.ends_on, [])
                for activity in activities[school]
            )
            people.append(_Person(pk, family, school, born, is_known=place == 0, beside=sum(homes[1:])))

    for model, rows in tables.items():
        _copy(model, rows)
    return people


def _custodies(authority: Authority, offer: Offer, people: Sequence[_Person], first: date, at: datetime) -> _Turns:
    """Will copy the terms of those who have two homes, and the turns that come of them; return whose each day is."""
    from bisect import bisect_right

    from marelle.domain.reservations.models import CustodyTurn, SharedCustody
    from marelle.domain.reservations.queries.custody_effects import mark_of_holidays
    from marelle.domain.reservations.rules.custody import WRITTEN_AHEAD, CustodyTerms, Role, as_json, turns_of
    from marelle.foundation.public_ids import ALPHABET, LENGTH

    # Numbers of its own: those of the others stay as they were.
    numbers = random.Random(f"{authority.slug}/{len(people)}/custody")  # noqa: S311  no secret: the same every time
    terms = CustodyTerms()
    last = at.astimezone(offer.zone).date() + WRITTEN_AHEAD
    homes = {Role.FIRST: 1, Role.SECOND: 2}
    # The same for all of them, but for the names of the homes.
    turns = turns_of(terms, homes, first=first, last=last, calendar=offer.calendar.estimated(last))
    shared = [person for person in people if person.beside]
    kept = json.dumps(as_json(terms))
    _copy(
        SharedCustody,
        (
            (
                authority.pk, "".join(numbers.choices(ALPHABET, k=LENGTH)), person.pk, person.family, person.beside,
                first, kept, SharedCustody.Origin.AGREED.value, at, mark_of_holidays(offer), last,
            )
            for person in shared
        ),
    )  # fmt: skip
    _copy(
        CustodyTurn,
        (
            (authority.pk, person.pk, turn.starts_on, *_sides(person, is_first=turn.home == 1), False)
            for person in shared
            for turn in turns
        ),
    )
    days = [turn.starts_on for turn in turns]
    return lambda day: turns[max(0, bisect_right(days, day) - 1)].home == 1


def _sides(person: _Person, *, is_first: bool) -> tuple[int, int]:
    return (person.family, person.beside) if is_first else (person.beside, person.family)


def _reservations(
    authority: Authority, offer: Offer, people: Sequence[_Person], numbers: random.Random, at: datetime
) -> int:
    """Will copy reservations, places and attendance of the weeks around `at`; return how many reservations."""
    from marelle.domain.catalog.models import Slot
    from marelle.domain.reservations.models import Attendance, Place, Reservation

    today = at.astimezone(offer.zone).date()
    monday = today - timedelta(days=today.weekday())
    first, last = monday - timedelta(weeks=WEEKS_BEFORE), monday + timedelta(weeks=WEEKS_AFTER, days=6)
    left: Counter[int] = Counter()
    slots: dict[tuple[int, date], int] = {}
    for pk, template, day, capacity in Slot.objects.filter(date__range=(first, last)).values_list(
        "pk", "template_id", "date", "capacity"
    ):
        slots[template, day] = pk
        left[pk] = 10**9 if capacity is None else capacity
    products: dict[int, list[ProductOffer]] = {}
    for product in offer.products:
        products.setdefault(product.activity.facility_pk, []).append(product)
    codes = _product_codes()

    prices = _prices(offer, people, products, first)
    is_first = _custodies(
        authority, offer, people, min(product.activity.opening.period.starts_on for product in offer.products), at
    )
    whose = {day: is_first(day) for day in days_between(first, last)}
    rows: list[tuple[Any, ...]] = []
    places: list[int] = []
    taken: Counter[int] = Counter()
    attendance: list[tuple[Any, ...]] = []
    for person in people:
        for product in products[person.school]:
            comes, often = HABITS[codes[product.pk]]
            if numbers.random() >= comes and not person.is_known:
                continue
            (part,) = product.parts
            usual = {weekday for weekday in sorted(product.activity.opening.weekdays) if numbers.random() < often}
            # The known family's coming weeks are left free, for those who measure a booking.
            until = today if person.is_known else last
            for day in days_between(first, until):
                slot = slots.get((part.pk, day))
                if slot is None or day.weekday() not in usual or left[slot] <= 0:
                    continue
                left[slot] -= 1
                taken[slot] += 1
                rule = offer.day(product, day)
                home = person.family if not person.beside or whose[day] else person.beside
                price = prices.get((person.pk, product.pk, home))
                reserved_at = datetime.combine(day - timedelta(days=numbers.randint(7, 40)), time(20, 15), offer.zone)
                rows.append(
                    (
                        authority.pk, person.pk, home, product.pk, day, Reservation.State.RESERVED.value,
                        Reservation.Timing.ON_TIME.value, rule.book_by.moment if rule.book_by else None, rule.reglement,
                        price, min(reserved_at, at - timedelta(hours=1)), "",
                    )
                )  # fmt: skip
                places.append(slot)
                if day < today:
                    is_absent = numbers.random() < 0.04  # noqa: PLR2004  four days in a hundred
                    state = Attendance.State.ABSENT if is_absent else Attendance.State.PRESENT
                    seen_at = datetime.combine(day, part.ends_at, offer.zone)
                    attendance.append((authority.pk, person.pk, product.pk, day, state.value, seen_at))
    keys = _keys(Reservation, len(rows))
    _copy(Reservation, ((key, *row) for key, row in zip(keys, rows, strict=True)))
    _copy(Place, ((authority.pk, key, slot) for key, slot in zip(keys, places, strict=True)))
    _copy(Attendance, attendance)
    _count_places(authority, taken)
    return len(rows)


def _address(place: int, slug: str) -> str:
    return KNOWN_FAMILY if place == 0 else f"famille.{place:05d}@{slug}.exemple.fr"


def _prices(
    offer: Offer, people: Sequence[_Person], products: dict[int, list[ProductOffer]], day: date
) -> dict[tuple[int, int, int], int]:
    """Will return what each product of its school costs each child in each of its homes (keys), in cents."""
    from marelle.domain.catalog.rules.price_steps import Priced
    from marelle.domain.reservations.queries.homes import homes_of

    every = {home for person in people for home in (person.family, person.beside) if home}
    homes = homes_of(every, authority=offer.authority)
    found = {}
    for person in people:
        for product in products[person.school]:
            tariff = product.tariff_on(day)
            for home in filter(None, (person.family, person.beside)):
                facts = homes[home].facts(person.pk, product.activity.pk, day, together=offer.together(product))
                if tariff is not None and isinstance(priced := tariff.price(facts), Priced):
                    found[person.pk, product.pk, home] = priced.cents
    return found


def _product_codes() -> dict[int, str]:
    from marelle.domain.catalog.models import Product

    return {pk: code.rpartition("-")[0] for pk, code in Product.objects.values_list("pk", "code")}


def _count_places(authority: Authority, taken: Counter[int]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_slot s SET taken = s.taken + counted.places "
            "FROM unnest(%s::bigint[], %s::int[]) AS counted(slot, places) "
            "WHERE s.authority_id = %s AND s.id = counted.slot",
            [list(taken), list(taken.values()), authority.pk],
        )


def _analyze() -> None:
    """Will tell the planner how much there is now: the checks of foreign keys, at the end, would walk whole tables."""
    from django.apps import apps
    from django.db import connection

    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model.__module__.startswith("marelle.domain."):
                cursor.execute(f"ANALYZE {model._meta.db_table}")


def _keys(model: type[Model], count: int) -> list[int]:
    """Will draw `count` keys of the model's table, so that rows which point to it can be written at once."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [key for (key,) in cursor.fetchall()]


def _copy(model: type[Model], rows: Iterable[Sequence[Any]]) -> None:
    from django.db import connection

    columns = COLUMNS[model._meta.model_name or ""]
    statement = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
