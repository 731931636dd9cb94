"""Loading: what the file says is brought to the database, in one transaction, each room writing its own tables."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import IntegrityError

from marelle.domain.accounts.models import User
from marelle.domain.accounts.operations.people import open_accounts, save_agents, save_grants
from marelle.domain.authorities.models import Authority, Facility, Regie, SchoolClass
from marelle.domain.authorities.operations import WHOLE_ROW, Key, Outcome, Said, save_authority, save_places
from marelle.domain.authorities.rules.logos import WrongLogoError, type_of_logo
from marelle.domain.catalog.models import (
    Activity,
    ClosureDay,
    Product,
    ProductSlot,
    Reglement,
    Service,
    SlotTemplate,
    Tariff,
)
from marelle.domain.catalog.operations.calendar import save_holidays, seed_calendar
from marelle.domain.catalog.operations.offer import CapacityBelowTaken, save_offer_rows
from marelle.domain.catalog.operations.reglements import contradictions_of
from marelle.domain.catalog.operations.slots import open_slots
from marelle.domain.catalog.queries import all_ruled, offer_of
from marelle.domain.families.models import Child, Custody, Family, FamilyQuotient, Guardian, HealthRecord, Membership
from marelle.domain.families.operations.files import save_family_rows
from marelle.domain.news.operations import save_articles
from marelle.domain.onboarding.queries.authority_file.contradictions import (
    activities,
    children,
    contradictions,
    place_of,
    stored_rules,
    stored_tariff,
)
from marelle.domain.onboarding.queries.authority_file.reading import AuthorityFile
from marelle.domain.onboarding.queries.authority_file.shapes import (
    LOGO_INSIDE,
    AgentShape,
    ChildShape,
    GuardianShape,
    ReglementShape,
    Shape,
)
from marelle.domain.reservations.operations.enrollments import save_enrollments
from marelle.domain.reservations.operations.kitchen import save_kitchens
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation
from marelle.foundation.yaml_files import Fault, InvalidFile, Where, key_in_words

ANIMALS: Final = ("squirrel", "turtle", "bird", "snail", "cat", "dog", "rabbit", "fish", "rat", "panda")
CHALKS: Final = ("coral", "mint", "lilac", "sun", "sky")

# How screens order the rows that have a position, and inside what.
IN_ORDER: Final[dict[type[Any], tuple[str | None, tuple[str, ...]]]] = {
    SchoolClass: ("facility_id", ("position", "pk")),
    Service: (None, ("position", "name", "pk")),
    Activity: ("service_id", ("position", "name", "pk")),
    Product: ("activity_id", ("position", "pk")),
}

# Where the file's word for a field is not the column's.
_WORDS: Final = {
    "regie_id": "regie",
    "service_id": "service",
    "facility_id": "facility",
    "school_class_id": "class",
    "guardian_id": "has_account",
    "price_cents": "price",
    "value_cents": "value",
    "rules": "book",
    "logo_type": "logo",
    "position": WHOLE_ROW,
}


@dataclass(slots=True)
class Loaded:
    """What came of a file."""

    authority: Authority
    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    kept: list[Fault] = field(default_factory=list)
    opened_slots: int = 0

    @property
    def has_changed(self) -> bool:
        """Will tell whether anything was written."""
        return bool(self.created or self.changed or self.opened_slots)


def load(file: AuthorityFile, *, force: bool = False, accept_passwords: bool, by: Actor, at: datetime) -> Loaded:
    """Will create or update the authority that `file` describes, whole or not at all; raises InvalidFile.

    `accept_passwords` lets the passwords of a demonstration in: elsewhere a file that holds one is refused.
    """
    faults = contradictions(file)
    if not accept_passwords:
        faults += _passwords(file)
    logo = _logo(file, faults)
    if faults:
        raise InvalidFile(faults)
    try:
        return bring_file(file, logo, force=force, by=by, at=at)
    except IntegrityError as error:
        reason = f"la base refuse ce fichier : {str(error).splitlines()[0]}"
        raise InvalidFile([Fault(1, "", reason)]) from error


@operation
def bring_file(file: AuthorityFile, logo: dict[str, Any], *, force: bool = False, by: Actor, at: datetime) -> Loaded:
    """Will write what a file without contradictions says, with the columns of its logo; raises InvalidFile.

    `load` is what to call: what the database refuses at the very end is told there as a fault of the file.
    """
    return _Loading(file, logo, force=force, by=by, at=at).run()


class _Loading:
    """One load under way: which row each place of the file became."""

    def __init__(self, file: AuthorityFile, logo: dict[str, Any], *, force: bool, by: Actor, at: datetime) -> None:
        self.said = file.said
        self.file = file
        self.logo = logo
        self.how: dict[str, Any] = {"force": force, "by": by, "at": at}
        self.by, self.at = by, at

    def run(self) -> Loaded:
        shape = self.said.authority
        fields = _spoken(shape, but={"slug", "logo"}) | self.logo
        said = Said(
            (shape.slug,),
            fields,
            {"taught_weekdays": shape.taught_weekdays, "town_hall_weekdays": shape.town_hall_weekdays},
        )
        self.authority, outcome = save_authority(said, **self.how)
        self.loaded = Loaded(self.authority)
        self._note("authority", outcome, {said.key: ("authority",)})
        with tenancy.scope({self.authority.pk}):
            self._places()
            self._services()
            self._activities()
            self._kitchens()
            self._calendar()
            self._contradictions()
            self.loaded.opened_slots = open_slots(self.authority, by=self.by, at=self.at)
            self._accounts()
            self._families()
            self._children()
            self._agents()
            self._articles()
        return self.loaded

    def _places(self) -> None:
        self.regies = self._save(
            save_places,
            Regie,
            (
                (("regies", place), Said((row.code,), _spoken(row, but={"code"})))
                for place, row in enumerate(self.said.regies)
            ),
            ("code",),
        )
        self.facilities = self._save(
            save_places,
            Facility,
            (
                (("facilities", place), Said((row.code,), _spoken(row, but={"code", "classes"})))
                for place, row in enumerate(self.said.facilities)
            ),
            ("code",),
        )
        rows = self._save(
            save_places,
            SchoolClass,
            (
                (
                    ("facilities", place, "classes", position),
                    Said(
                        (self.facilities[facility.code,].pk, row.code),
                        {**_spoken(row, but={"code"}), "position": position},
                    ),
                )
                for place, facility in enumerate(self.said.facilities)
                if (facility.code,) in self.facilities
                for position, row in enumerate(facility.classes)
            ),
            ("facility_id", "code"),
        )
        codes = {row.pk: code for (code,), row in self.facilities.items()}
        self.classes = {f"{codes[facility]}/{code}": row.pk for (facility, code), row in rows.items()}

    def _services(self) -> None:
        self.services = self._save(
            save_offer_rows,
            Service,
            (
                (
                    ("services", place),
                    Said(
                        (row.code,),
                        {
                            **_spoken(row, but={"code", "activities", "regie"}),
                            "position": place,
                            **({"regie_id": self._pk(self.regies, row.regie)} if row.regie else {}),
                        },
                    ),
                )
                for place, row in enumerate(self.said.services)
            ),
        )

    def _activities(self) -> None:
        unsaid = {"code", "facility", "slots", "products", "reglements"}
        self.activities = self._save(
            save_offer_rows,
            Activity,
            (
                (
                    where,
                    Said(
                        (row.code,),
                        {
                            **_spoken(row, but=unsaid),
                            "service_id": self.services[self.said.services[int(where[1])].code,].pk,
                            "facility_id": self.facilities[row.facility,].pk,
                            "position": where[3],
                        },
                    ),
                )
                for where, row in activities(self.said)
                if (self.said.services[int(where[1])].code,) in self.services and (row.facility,) in self.facilities
            ),
        )
        present = [
            (where, row, self.activities[row.code,].pk)
            for where, row in activities(self.said)
            if (row.code,) in self.activities
        ]
        templates = self._templates(
            [
                ((*where, "slots", place), Said((activity, slot.code), _spoken(slot, but={"code"})))
                for where, row, activity in present
                for place, slot in enumerate(row.slots)
            ]
        )
        self.products = self._save(
            save_offer_rows,
            Product,
            (
                (
                    (*where, "products", place),
                    Said(
                        (product.code,),
                        {
                            **_spoken(product, but={"code", "takes", "tariffs", "reglements"}),
                            "activity_id": activity,
                            "position": place,
                        },
                    ),
                )
                for where, row, activity in present
                for place, product in enumerate(row.products)
            ),
        )
        products = [
            ((*where, "products", place), product, activity, self.products[product.code,].pk)
            for where, row, activity in present
            for place, product in enumerate(row.products)
            if (product.code,) in self.products
        ]
        self._save(
            save_offer_rows,
            ProductSlot,
            (
                ((*where, "takes", place), Said((pk, templates[activity, code].pk)))
                for where, product, activity, pk in products
                for place, code in enumerate(product.takes)
                if (activity, code) in templates
            ),
        )
        reglements = [
            ((*where, "reglements", place), _reglement(rule, activity, None))
            for where, row, activity in present
            for place, rule in enumerate(row.reglements)
        ] + [
            ((*where, "reglements", place), _reglement(rule, activity, pk))
            for where, product, activity, pk in products
            for place, rule in enumerate(product.reglements)
        ]
        self._save(save_offer_rows, Reglement, reglements)
        self.reglements = {said.key: where for where, said in reglements}
        self._save(
            save_offer_rows,
            Tariff,
            (
                (
                    (*where, "tariffs", place),
                    Said(
                        (pk, tariff.valid_from),
                        {"rules": stored_tariff(tariff), **_spoken(tariff, only={"resolution"})},
                    ),
                )
                for where, product, _activity, pk in products
                for place, tariff in enumerate(product.tariffs)
            ),
        )

    def _templates(self, rows: Sequence[tuple[Where, Said]]) -> dict[Key, Any]:
        try:
            return self._save(save_offer_rows, SlotTemplate, rows)
        except CapacityBelowTaken as error:
            where_of = {said.key: where for where, said in rows}
            raise InvalidFile(
                [
                    self.file.lines.fault(
                        (*where_of[each.key], "capacity"),
                        f"{each.capacity} places, alors que {each.taken} sont déjà prises un des jours à venir",
                    )
                    for each in error.overfull
                ]
            ) from None

    def _kitchens(self) -> None:
        rows: list[tuple[Where, Said]] = [
            (
                ("kitchens", place),
                Said(
                    (self.services[row.service,].pk, self._pk(self.facilities, row.facility)),
                    _spoken(row, but={"service", "facility"}),
                ),
            )
            for place, row in enumerate(self.said.kitchens)
            if (row.service,) in self.services and (row.facility is None or (row.facility,) in self.facilities)
        ]
        outcome = save_kitchens(self.authority, [said for _, said in rows], **self.how)
        self._note("KitchenSettings", outcome, {said.key: where for where, said in rows})

    def _contradictions(self) -> None:
        """Will refuse a règlement that makes no sense on the days it would rule, on the calendar just loaded."""
        authority = Authority.objects.get(pk=self.authority.pk)
        today = self.at.astimezone(authority.zone).date()
        faults = []
        for ruled in all_ruled(offer_of(authority)):
            for version in ruled.versions:
                where = self.reglements.get(
                    (ruled.activity.pk, ruled.product.pk if ruled.product else None, version.valid_from)
                )
                if where is None or version.rules is None:
                    continue
                for found in contradictions_of(
                    authority, ruled, version.rules, valid_from=version.valid_from, today=today
                ):
                    on = f" (le {found.day:%d/%m/%Y}, par exemple)" if found.day else ""
                    faults.append(self.file.lines.fault((*where, *place_of(found.key)), f"{found.reason}{on}"))
        if faults:
            raise InvalidFile(faults)

    def _calendar(self) -> None:
        shape = self.said.calendar
        holidays = [
            (
                ("calendar", "holidays", place),
                Said((row.kind, row.starts_on), _spoken(row, but={"kind", "starts_on"})),
            )
            for place, row in enumerate(shape.holidays)
        ]
        written_here = {said.key for _, said in holidays} | {(row.kind, row.starts_on) for row in shape.removed}
        self._note("Holiday", seed_calendar(self.authority, except_for=written_here, **self.how), {})
        self._note(
            "Holiday",
            save_holidays(self.authority, [said for _, said in holidays], **self.how),
            {said.key: where for where, said in holidays},
        )
        self._save(
            save_offer_rows,
            ClosureDay,
            (
                (
                    ("calendar", "closures", place),
                    Said(
                        (row.starts_on, self._pk(self.services, row.service), self._pk(self.facilities, row.facility)),
                        {"reason": row.reason, "ends_on": row.ends_on or row.starts_on},
                    ),
                )
                for place, row in enumerate(shape.closures)
            ),
        )

    def _families(self) -> None:
        self.families = self._save(
            save_family_rows,
            Family,
            (
                (
                    ("families", place),
                    Said((row.code,), _spoken(row, but={"code", "quotients", "guardians", "children"})),
                )
                for place, row in enumerate(self.said.families)
            ),
        )
        self._save(
            save_family_rows,
            FamilyQuotient,
            (
                (
                    ("families", place, "quotients", own),
                    Said(
                        (self.families[family.code,].pk, row.valid_from),
                        {"value_cents": row.value},
                        {"source": FamilyQuotient.Source.FILE, "recorded_at": self.at},
                    ),
                )
                for place, family in enumerate(self.said.families)
                if (family.code,) in self.families
                for own, row in enumerate(family.quotients)
            ),
        )
        guardians = [
            (("families", place, "guardians", own), row, self.families[family.code,].pk)
            for place, family in enumerate(self.said.families)
            if (family.code,) in self.families
            for own, row in enumerate(family.guardians)
        ]
        unsaid = {"first_name", "last_name", "has_account", "demonstration_password"}
        rows = self._save(
            save_family_rows,
            Guardian,
            (
                (where, Said((family, row.first_name, row.last_name), _spoken(row, but=unsaid)))
                for where, row, family in guardians
            ),
        )
        self._save(
            save_family_rows,
            Membership,
            (
                (
                    where,
                    Said(
                        (self.accounts[row.email].pk, family),
                        {"guardian_id": rows[family, row.first_name, row.last_name].pk},
                        {"joined_at": self.at},
                    ),
                )
                for where, row, family in guardians
                if row.has_account and (family, row.first_name, row.last_name) in rows
            ),
        )

    def _children(self) -> None:
        avatars = _avatars(self.said.families)
        present = [
            (where, row, self.said.families[int(where[1])])
            for where, row in children(self.said)
            if (self.said.families[int(where[1])].code,) in self.families
        ]
        unsaid = {"code", "last_name", "school_class", "animal", "chalk", "lives_here_since", "health", "enrollments"}
        rows = self._save(
            save_family_rows,
            Child,
            (
                (
                    where,
                    Said(
                        (row.code,),
                        {
                            **_spoken(row, but=unsaid),
                            **({"last_name": row.last_name} if row.last_name else {}),
                            **(
                                {"school_class_id": self.classes.get(row.school_class)}
                                if row.school_class is not None
                                else {}
                            ),
                            **({"animal": row.animal} if row.animal else {}),
                            **({"chalk": row.chalk} if row.chalk else {}),
                        },
                        {"last_name": family.name, **avatars[row.code]},
                    ),
                )
                for where, row, family in present
            ),
        )
        homes: list[tuple[Where, Said]] = [
            (
                where,
                Said((rows[row.code,].pk, self.families[family.code,].pk, row.lives_here_since or row.birth_date)),
            )
            for where, row, family in present
            if (row.code,) in rows
        ]
        shared: list[tuple[Where, Said]] = [
            (
                ("custody", place),
                Said(
                    (rows[row.child,].pk, self.families[row.family,].pk, row.starts_on), _spoken(row, only={"ends_on"})
                ),
            )
            for place, row in enumerate(self.said.custody)
            if (row.child,) in rows and (row.family,) in self.families
        ]
        self._save(save_family_rows, Custody, homes + shared)
        self._save(
            save_family_rows,
            HealthRecord,
            (
                ((*where, "health"), Said((rows[row.code,].pk,), _spoken(row.health)))
                for where, row, _ in present
                if row.health is not None and (row.code,) in rows
            ),
        )
        periods = {activity.code: activity for _, activity in activities(self.said)}
        enrollments = [
            (
                (*where, "enrollments", place),
                Said(
                    (
                        rows[row.code,].pk,
                        self.activities[each.activity,].pk,
                        each.starts_on or periods[each.activity].starts_on,
                    ),
                    {
                        "ends_on": each.ends_on or periods[each.activity].ends_on,
                        **_spoken(each, only={"formula", "options"}),
                    },
                ),
            )
            for where, row, _ in present
            if (row.code,) in rows
            for place, each in enumerate(row.enrollments)
            if (each.activity,) in self.activities
        ]
        outcome = save_enrollments(self.authority, [said for _, said in enrollments], **self.how)
        self._note("Enrollment", outcome, {said.key: where for where, said in enrollments})

    def _agents(self) -> None:
        agents = list(enumerate(self.said.agents))
        accounts = self.accounts
        said = [(("agents", place), Said((accounts[row.email].pk,), {"name": row.name})) for place, row in agents]
        outcome = save_agents(self.authority, [each for _, each in said], **self.how)
        self._note("Agent", outcome, {each.key: where for where, each in said})
        grants = [
            (
                ("agents", place, "grants", own),
                Said(
                    (
                        outcome.rows[accounts[row.email].pk,].pk,
                        grant.role,
                        self._pk(self.facilities, grant.facility),
                        grant.service or "",
                    )
                ),
            )
            for place, row in agents
            if (accounts[row.email].pk,) in outcome.rows
            for own, grant in enumerate(row.grants)
        ]
        outcome = save_grants(self.authority, [each for _, each in grants], **self.how)
        self._note("Grant", outcome, {each.key: where for where, each in grants})

    def _articles(self) -> None:
        rows = [
            (("articles", place), Said((row.code,), _spoken(row, but={"code"})))
            for place, row in enumerate(self.said.articles)
        ]
        outcome = save_articles(self.authority, [said for _, said in rows], **self.how)
        self._note("Article", outcome, {said.key: where for where, said in rows})

    def _accounts(self) -> None:
        people: list[GuardianShape | AgentShape] = [
            guardian for family in self.said.families for guardian in family.guardians if guardian.has_account
        ]
        wanted: dict[str, str | None] = {}
        for person in [*people, *self.said.agents]:
            wanted[person.email] = wanted.get(person.email) or person.demonstration_password
        present = User.objects.filter(email__in=list(wanted)).count()
        self._count(self.loaded.created, "User", len(wanted) - present)
        self.accounts = open_accounts(wanted, by=self.by, at=self.at)

    def _save(
        self,
        write: Callable[..., Outcome[Any]],
        model: type[Any],
        rows: Iterable[tuple[Where, Said]],
        named_by: Sequence[str] | None = None,
    ) -> dict[Key, Any]:
        pairs = list(rows)
        if model in IN_ORDER:
            pairs = _in_present_order(model, pairs)
        said = [each for _, each in pairs]
        names = () if named_by is None else (named_by,)
        outcome = write(self.authority, model, *names, said, **self.how)
        self._note(model.__name__, outcome, {each.key: where for where, each in pairs})
        return outcome.rows

    def _note(self, kind: str, outcome: Outcome[Any], where_of: dict[Key, Where]) -> None:
        self._count(self.loaded.created, kind, outcome.created)
        self._count(self.loaded.changed, kind, len(outcome.changed))
        for kept in outcome.kept:
            where = where_of.get(kept.key)
            if where is None:
                continue  # a seeded day of the calendar: the authority's own word needs no report
            if kept.field == WHOLE_ROW:
                reason = "supprimé par la mairie depuis, laissé ainsi"
            else:
                word = _WORDS.get(kept.field, kept.field)
                where = (*where, word) if word else where
                reason = "modifié par la mairie depuis, gardé tel quel"
            self.loaded.kept.append(Fault(self.file.lines.of(where), key_in_words(where), reason))

    @staticmethod
    def _count(counter: Counter[str], kind: str, number: int) -> None:
        if number:
            counter[kind] += number

    @staticmethod
    def _pk(rows: dict[Key, Any], code: str | None) -> int | None:
        row = rows.get((code,))
        return None if row is None else row.pk


def _spoken(shape: Shape, *, but: Collection[str] = (), only: Collection[str] | None = None) -> dict[str, Any]:
    """Will return the fields that the file really speaks of: what it does not say, it does not touch."""
    return {
        name: getattr(shape, name)
        for name in type(shape).model_fields
        if name in shape.model_fields_set and name not in but and (only is None or name in only)
    }


def _in_present_order(model: type[Any], pairs: list[tuple[Where, Said]]) -> list[tuple[Where, Said]]:
    """Will keep the positions of rows that stand already in the order of the file: a gap between two is no news."""
    inside, order = IN_ORDER[model]
    present = {
        (row.facility_id, row.code) if model is SchoolClass else (row.code,): row
        for row in model.objects.order_by("pk")
    }
    groups: dict[Any, list[Any]] = {}
    for _, said in pairs:
        row = present.get(said.key)
        of = None if inside is None else said.fields.get(inside, said.key[0])
        is_there = row is not None and (inside is None or getattr(row, inside) == of)
        groups.setdefault(of, []).append(row if is_there else None)
    settled = {
        row.pk
        for rows in groups.values()
        if None not in rows and sorted(rows, key=lambda row: [getattr(row, name) for name in order]) == rows
        for row in rows
    }
    return [
        (where, replace(said, fields={**said.fields, "position": present[said.key].position}))
        if said.key in present and present[said.key].pk in settled
        else (where, said)
        for where, said in pairs
    ]


def _reglement(shape: ReglementShape, activity: int, product: int | None) -> Said:
    fields = {"rules": stored_rules(shape), **_spoken(shape, only={"resolution"})}
    return Said((activity, product, shape.valid_from), fields)


def _avatars(families: Sequence[Any]) -> dict[str, dict[str, str]]:
    """Will choose, for each child, an animal and a chalk that no sibling has, the same ones every time."""
    chosen: dict[str, dict[str, str]] = {}
    for family in families:
        animals = {child.animal for child in family.children if child.animal}
        chalks = {child.chalk for child in family.children if child.chalk}
        for child in sorted(family.children, key=_by_age):
            start = int.from_bytes(hashlib.blake2b(child.code.encode(), digest_size=4).digest())
            animal = child.animal or _first_free(ANIMALS, animals, start)
            chalk = child.chalk or _first_free(CHALKS, chalks, start // 16)
            animals.add(animal)
            chalks.add(chalk)
            chosen[child.code] = {"animal": animal, "chalk": chalk}
    return chosen


def _by_age(child: ChildShape) -> tuple[Any, str]:
    return child.birth_date, child.code


def _first_free(values: tuple[str, ...], taken: set[str], start: int) -> str:
    turn = [values[(start + step) % len(values)] for step in range(len(values))]
    return next((value for value in turn if value not in taken), turn[0])


def _passwords(file: AuthorityFile) -> list[Fault]:
    places: list[tuple[Where, str | None]] = [
        (("agents", place), agent.demonstration_password) for place, agent in enumerate(file.said.agents)
    ]
    for family_place, family in enumerate(file.said.families):
        for place, guardian in enumerate(family.guardians):
            places.append((("families", family_place, "guardians", place), guardian.demonstration_password))
    reason = "un mot de passe n’est accepté que dans une démonstration (MARELLE_DEMONSTRATION=1)"
    return [
        file.lines.fault((*where, "demonstration_password"), reason)
        for where, password in places
        if password is not None
    ]


def _logo(file: AuthorityFile, faults: list[Fault]) -> dict[str, Any]:
    """Will return the columns of the logo, read beside the file; what is wrong with it joins `faults`."""
    name = file.said.authority.logo
    if not name:
        return {}
    where: Where = ("authority", "logo")
    try:
        content = _content_of_logo(file, name)
    except OSError as error:
        faults.append(file.lines.fault(where, f"le logo {name} ne se lit pas ({error.strerror})"))
        return {}
    except ValueError:
        faults.append(file.lines.fault(where, "le logo écrit dans le fichier ne se lit pas"))
        return {}
    try:
        kind = type_of_logo(content)
    except WrongLogoError as error:
        faults.append(file.lines.fault(where, str(error)))
        return {}
    return {"logo": content, "logo_type": kind}


def _content_of_logo(file: AuthorityFile, name: str) -> bytes:
    """Will return the bytes of a logo, beside the file or in it; raises OSError, or ValueError for what is in it."""
    if name.startswith(LOGO_INSIDE):
        return b64decode("".join(name.partition(",")[2].split()), validate=True)
    return (file.path.parent / Path(name)).read_bytes()
