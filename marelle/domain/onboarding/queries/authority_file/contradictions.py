"""What a file says in one place and denies in another: found before the database is asked anything."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date
from typing import Any

from marelle.domain.authorities.rules.slugs import is_free
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.tariffs import Tariff
from marelle.domain.catalog.rules.written import (
    InvalidReglementError,
    InvalidTariffError,
    read_reglement,
    read_tariff,
    write_reglement,
    write_tariff,
)
from marelle.domain.onboarding.queries.authority_file.reading import AuthorityFile
from marelle.domain.onboarding.queries.authority_file.shapes import (
    ActivityShape,
    ChildShape,
    EnrollmentShape,
    FileShape,
    ReglementShape,
    TariffShape,
)
from marelle.foundation.money import in_amount
from marelle.foundation.yaml_files import Fault, Where

Say = Callable[[Where, str], None]


def contradictions(file: AuthorityFile) -> list[Fault]:
    """Will return every contradiction of the file, each with its line."""
    faults: list[Fault] = []

    def say(where: Where, reason: str) -> None:
        faults.append(file.lines.fault(where, reason))

    said = file.said
    for check in (
        _slug,
        _duplicates,
        _references,
        _activities,
        _reglements,
        _tariffs,
        _calendar,
        _guardians,
        _children,
        _custody,
        _agents,
        _articles,
    ):
        check(said, say)
    return faults


def _slug(said: FileShape, say: Say) -> None:
    if not is_free(said.authority.slug):
        say(("authority", "slug"), f"« {said.authority.slug} » est une adresse du site : choisissez un autre nom")


def stored_rules(reglement: ReglementShape) -> dict[str, Any]:
    """Will return the canonical form of a règlement; raises InvalidReglementError."""
    return write_reglement(_rules(reglement))


def activities(said: FileShape) -> Iterator[tuple[Where, ActivityShape]]:
    """Will yield every activity with its place in the file."""
    for service_place, service in enumerate(said.services):
        for place, activity in enumerate(service.activities):
            yield ("services", service_place, "activities", place), activity


def children(said: FileShape) -> Iterator[tuple[Where, ChildShape]]:
    """Will yield every child with its place in the file."""
    for family_place, family in enumerate(said.families):
        for place, child in enumerate(family.children):
            yield ("families", family_place, "children", place), child


def stored_tariff(tariff: TariffShape) -> dict[str, Any]:
    """Will return the canonical form of a tariff, as it is stored."""
    return write_tariff(_tariff(tariff))


def _tariff(tariff: TariffShape) -> Tariff:
    said = tariff.model_fields_set - {"valid_from", "resolution", "price_cents"}
    written = {name: value for name in said if (value := getattr(tariff, name)) is not None}
    if tariff.price_cents is not None:
        written["price"] = in_amount(tariff.price_cents)
    return read_tariff(written)


def _rules(reglement: ReglementShape) -> Reglement:
    said = reglement.model_fields_set - {"valid_from", "resolution"}
    return read_reglement({name: value for name in said if (value := getattr(reglement, name)) is not None})


def _duplicates(said: FileShape, say: Say) -> None:
    def once(rows: Iterable[tuple[Where, Hashable]], named: str) -> None:
        seen: dict[Hashable, Where] = {}
        for where, key in rows:
            if key in seen:
                shown = " ".join(str(part) for part in (key if isinstance(key, tuple) else (key,)) if part is not None)
                say(where, f"{named} « {shown} » est déjà dans le fichier")
            seen[key] = where

    def listed(rows: Iterable[Any], *where: str | int) -> Iterator[tuple[Where, Any]]:
        return (((*where, place), row) for place, row in enumerate(rows))

    for group, named in (
        ("regies", "la régie"),
        ("facilities", "l’établissement"),
        ("services", "le service"),
        ("families", "la famille"),
        ("articles", "l’actualité"),
    ):
        once(((where, row.code) for where, row in listed(getattr(said, group), group)), named)
    for place, facility in enumerate(said.facilities):
        once(((w, row.code) for w, row in listed(facility.classes, "facilities", place, "classes")), "la classe")
    once(((where, activity.code) for where, activity in activities(said)), "l’activité")
    products = [pair for where, each in activities(said) for pair in listed(each.products, *where, "products")]
    once(((where, product.code) for where, product in products), "la prestation")
    for where, product in products:
        once(((w, row.valid_from) for w, row in listed(product.tariffs, *where, "tariffs")), "le tarif du")
        once(((w, row.valid_from) for w, row in listed(product.reglements, *where, "reglements")), "le règlement du")
    for where, activity in activities(said):
        once(((w, row.code) for w, row in listed(activity.slots, *where, "slots")), "la séance")
        once(((w, row.valid_from) for w, row in listed(activity.reglements, *where, "reglements")), "le règlement du")
    holidays = listed(said.calendar.holidays, "calendar", "holidays")
    once(((where, (row.kind, row.starts_on)) for where, row in holidays), "le congé")
    closures = listed(said.calendar.closures, "calendar", "closures")
    once(((where, (row.starts_on, row.service, row.facility)) for where, row in closures), "la fermeture du")
    once(((where, child.code) for where, child in children(said)), "l’enfant")
    for place, family in enumerate(said.families):
        guardians = list(listed(family.guardians, "families", place, "guardians"))
        once(((where, (row.first_name, row.last_name)) for where, row in guardians), "le responsable")
        once(((w, row.email) for w, row in guardians if row.has_account and row.email), "le compte")
        quotients = listed(family.quotients, "families", place, "quotients")
        once(((w, row.valid_from) for w, row in quotients), "le quotient du")
    once(((where, row.email) for where, row in listed(said.agents, "agents")), "l’agent")
    kitchens = listed(said.kitchens, "kitchens")
    once(((where, (row.service, row.facility)) for where, row in kitchens), "la cuisine de")
    once(
        ((where, (row.child, row.family, row.starts_on)) for where, row in listed(said.custody, "custody")), "la garde"
    )


def _references(said: FileShape, say: Say) -> None:
    codes = {
        "la régie": {regie.code for regie in said.regies},
        "l’établissement": {facility.code for facility in said.facilities},
        "le service": {service.code for service in said.services},
        "la classe": {f"{facility.code}/{row.code}" for facility in said.facilities for row in facility.classes},
        "l’activité": {activity.code for _, activity in activities(said)},
        "la famille": {family.code for family in said.families},
        "l’enfant": {child.code for _, child in children(said)},
    }
    for where, named, code in (*_pointed_by_the_offer(said), *_pointed_by_people(said)):
        if code is not None and code not in codes[named]:
            say(where, f"{named} « {code} » n’est pas dans le fichier")
    for where, activity in activities(said):
        parts = {slot.code for slot in activity.slots}
        for product_place, product in enumerate(activity.products):
            for place, code in enumerate(product.takes):
                if code not in parts:
                    say((*where, "products", product_place, "takes", place), f"l’activité n’a pas de séance « {code} »")


def _pointed_by_the_offer(said: FileShape) -> Iterator[tuple[Where, str, str | None]]:
    for place, service in enumerate(said.services):
        yield ("services", place, "regie"), "la régie", service.regie
    for where, activity in activities(said):
        yield (*where, "facility"), "l’établissement", activity.facility
    for place, kitchen in enumerate(said.kitchens):
        yield ("kitchens", place, "service"), "le service", kitchen.service
        yield ("kitchens", place, "facility"), "l’établissement", kitchen.facility
    for place, closure in enumerate(said.calendar.closures):
        yield ("calendar", "closures", place, "service"), "le service", closure.service
        yield ("calendar", "closures", place, "facility"), "l’établissement", closure.facility
    for place, article in enumerate(said.articles):
        for nth, code in enumerate(article.for_services):
            yield ("articles", place, "for_services", nth), "le service", code
        for nth, code in enumerate(article.for_facilities):
            yield ("articles", place, "for_facilities", nth), "l’établissement", code


def _pointed_by_people(said: FileShape) -> Iterator[tuple[Where, str, str | None]]:
    for where, child in children(said):
        yield (*where, "class"), "la classe", child.school_class
        for place, enrollment in enumerate(child.enrollments):
            yield (*where, "enrollments", place, "activity"), "l’activité", enrollment.activity
    for place, custody in enumerate(said.custody):
        yield ("custody", place, "child"), "l’enfant", custody.child
        yield ("custody", place, "family"), "la famille", custody.family
    for agent_place, agent in enumerate(said.agents):
        for place, grant in enumerate(agent.grants):
            yield ("agents", agent_place, "grants", place, "facility"), "l’établissement", grant.facility
            yield ("agents", agent_place, "grants", place, "service"), "le service", grant.service


def _activities(said: FileShape, say: Say) -> None:
    for where, activity in activities(said):
        if activity.ends_on < activity.starts_on:
            say((*where, "ends_on"), "l’activité finit avant de commencer")
        if not activity.term_weekdays and not activity.holiday_weekdays:
            say(where, "l’activité n’ouvre aucun jour : term_weekdays ou holiday_weekdays manque")
        for place, slot in enumerate(activity.slots):
            if slot.ends_at <= slot.starts_at:
                say((*where, "slots", place, "ends_at"), "la séance finit avant de commencer")
            if slot.min_age is not None and slot.max_age is not None and slot.max_age < slot.min_age:
                say((*where, "slots", place, "max_age"), "l’âge maximum est au-dessous de l’âge minimum")
        for place, product in enumerate(activity.products):
            if len(set(product.takes)) < len(product.takes):
                say((*where, "products", place, "takes"), "une séance est écrite deux fois")


def _tariffs(said: FileShape, say: Say) -> None:
    for where, activity in activities(said):
        for place, product in enumerate(activity.products):
            for nth, tariff in enumerate(product.tariffs):
                try:
                    _tariff(tariff)
                except InvalidTariffError as error:
                    at = (*where, "products", place, "tariffs", nth)
                    say(at if error.key == "tarif" else (*at, *place_of(error.key)), error.reason)


def _reglements(said: FileShape, say: Say) -> None:
    for where, activity in activities(said):
        reglements = [((*where, "reglements", place), row) for place, row in enumerate(activity.reglements)]
        for place, product in enumerate(activity.products):
            own = (*where, "products", place, "reglements")
            reglements += [((*own, own_place), row) for own_place, row in enumerate(product.reglements)]
        for at, reglement in reglements:
            try:
                _rules(reglement)
            except InvalidReglementError as error:
                say(at if error.key == "règlement" else (*at, *place_of(error.key)), error.reason)


def place_of(key: str) -> Where:
    """Will return where in a règlement the key of a fault is: « book.table.mon »."""
    return tuple(int(part) if part.isdecimal() else part for part in key.split("."))


def _calendar(said: FileShape, say: Say) -> None:
    for place, holiday in enumerate(said.calendar.holidays):
        if holiday.ends_on < holiday.starts_on:
            say(("calendar", "holidays", place, "ends_on"), "le congé finit avant de commencer")
    for place, closure in enumerate(said.calendar.closures):
        if closure.ends_on is not None and closure.ends_on < closure.starts_on:
            say(("calendar", "closures", place, "ends_on"), "la fermeture finit avant de commencer")


def _guardians(said: FileShape, say: Say) -> None:
    for place, family in enumerate(said.families):
        for guardian_place, guardian in enumerate(family.guardians):
            where: Where = ("families", place, "guardians", guardian_place)
            if guardian.has_account and not guardian.email:
                say((*where, "has_account"), "un compte demande une adresse e-mail")
            if guardian.demonstration_password is not None and not guardian.has_account:
                say((*where, "demonstration_password"), "un mot de passe demande has_account: true")


def _children(said: FileShape, say: Say) -> None:
    periods = {activity.code: (activity.starts_on, activity.ends_on) for _, activity in activities(said)}
    for where, child in children(said):
        if child.lives_here_since is not None and child.lives_here_since < child.birth_date:
            say((*where, "lives_here_since"), "l’enfant n’était pas né")
        spans: dict[str, list[tuple[date, date]]] = {}
        for place, enrollment in enumerate(child.enrollments):
            period = periods.get(enrollment.activity)
            if period is not None:
                earlier = spans.setdefault(enrollment.activity, [])
                for key, reason in _enrollment(child, enrollment, period, earlier):
                    say((*where, "enrollments", place, *key), reason)


def _enrollment(
    child: ChildShape, enrollment: EnrollmentShape, period: tuple[date, date], earlier: list[tuple[date, date]]
) -> Iterator[tuple[Where, str]]:
    """Will yield the key and the reason of each contradiction, and add the days to `earlier`."""
    opens, closes = period
    starts_on, ends_on = enrollment.starts_on or opens, enrollment.ends_on or closes
    if starts_on < opens:
        yield ("starts_on",), f"l’activité ne commence que le {opens:%d/%m/%Y}"
    if ends_on > closes:
        yield ("ends_on",), f"l’activité finit le {closes:%d/%m/%Y}"
    if ends_on < starts_on:
        yield ("ends_on",), "l’inscription finit avant de commencer"
    if starts_on < child.birth_date:
        yield ("starts_on",), "l’enfant n’était pas né"
    if any(starts_on <= last and first <= ends_on for first, last in earlier):
        yield (), "l’enfant est déjà inscrit à cette activité sur ces jours"
    earlier.append((starts_on, ends_on))


def _custody(said: FileShape, say: Say) -> None:
    born = {child.code: child.birth_date for _, child in children(said)}
    home = {child.code: family.code for family in said.families for child in family.children}
    for place, custody in enumerate(said.custody):
        where = ("custody", place)
        if custody.ends_on is not None and custody.ends_on < custody.starts_on:
            say((*where, "ends_on"), "la garde finit avant de commencer")
        if custody.child in born and custody.starts_on < born[custody.child]:
            say((*where, "starts_on"), "l’enfant n’était pas né")
        if home.get(custody.child) == custody.family:
            say((*where, "family"), "l’enfant vit déjà dans cette famille")


def _agents(said: FileShape, say: Say) -> None:
    for place, agent in enumerate(said.agents):
        seen = set()
        for grant_place, grant in enumerate(agent.grants):
            if grant in seen:
                say(("agents", place, "grants", grant_place), "cette habilitation est écrite deux fois")
            seen.add(grant)


def _articles(said: FileShape, say: Say) -> None:
    for place, article in enumerate(said.articles):
        if article.is_public and (article.for_services or article.for_facilities):
            say(("articles", place, "is_public"), "une actualité pour certaines familles n’est pas pour tout le monde")
        if article.withdrawn_on is not None and article.withdrawn_on < article.published_on:
            say(("articles", place, "withdrawn_on"), "l’actualité est retirée avant d’être publiée")
