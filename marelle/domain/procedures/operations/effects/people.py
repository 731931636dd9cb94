"""Effects on the family's own file: who fetches the children, where it lives and with whom, what is known of health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from marelle.domain.families.models import Child, Family, HealthRecord
from marelle.domain.families.operations.addresses import UnableToChangeAddressError, change_address
from marelle.domain.families.operations.custody import UnableToChangeCustodyError, change_custody
from marelle.domain.families.operations.health import UnableToRecordHealthError, record_health
from marelle.domain.families.operations.pickups import UnableToAllowPickupError, allow_pickup
from marelle.domain.families.queries.removals import whom_children_may_not_join
from marelle.domain.families.rules.health import HealthNote
from marelle.domain.families.rules.pickups import Pickup
from marelle.domain.families.rules.removals import kept_from_home
from marelle.domain.procedures.models import Application
from marelle.domain.procedures.operations.effects.done import Done, UnableToApplyError
from marelle.domain.procedures.operations.effects.named import children_named, day, day_if_said, several, text
from marelle.domain.procedures.rules.answers import Address, Person, Value
from marelle.domain.reservations.queries.families import reserved_after
from marelle.foundation.actors import Actor
from marelle.foundation.french_dates import listed, without_weekday


def allow(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will note a person who may fetch children; from today when the day asked for is past."""
    children = children_named(application, values, "children")
    person = values["person"]
    assert isinstance(person, Person)  # noqa: S101  the definition says so
    family = application.family
    starts_on = max(day(values, "starts_on"), _today(application, at))
    wanted = Pickup(
        name=person.name,
        phone=person.phone,
        relation=person.relation,
        children=frozenset(child.pk for child in children),
        starts_on=starts_on,
        ends_on=day_if_said(values, "ends_on"),
    )
    try:
        allowed = allow_pickup(family, wanted, by=by, at=at)
    except UnableToAllowPickupError as error:
        raise UnableToApplyError(*(fault.value for fault in error.faults)) from None
    names = listed([child.first_name for child in children])
    said = f"{person.name} peut venir chercher {names} à partir du {without_weekday(starts_on, year=True)}."
    return Done((said,), (("pickupperson", allowed.pk),))


def move(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will change the address of the home from a day on."""
    address = values["address"]
    assert isinstance(address, Address)  # noqa: S101  the definition says so
    starts_on = day(values, "starts_on")
    resident = values.get("is_resident")
    try:
        change = change_address(
            application.family,
            address.in_one_line,
            is_resident=resident if isinstance(resident, bool) else None,
            starts_on=starts_on,
            by=by,
            at=at,
        )
    except UnableToChangeAddressError as error:
        raise UnableToApplyError(error.fault.value) from None
    said = [f"L’adresse du dossier devient {address.in_one_line} à partir du {without_weekday(starts_on, year=True)}."]
    if isinstance(resident, bool):
        said.append("Le foyer habite la commune." if resident else "Le foyer n’habite plus la commune.")
    return Done(tuple(said), (("addresschange", change.pk),))


def note_health(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will add to what is known of a child's health: nothing known before is lost by an acceptance."""
    (child,) = children_named(application, values, "child")
    Child.objects.select_for_update(no_key=True).get(pk=child.pk)
    record = HealthRecord.objects.filter(child=child).first()
    note = HealthNote(
        diet=text(values, "diet") or None,
        allergies=_added(record.allergies if record else "", text(values, "allergies")),
        care_plan=text(values, "care_plan") or None,
        care_plan_until=day_if_said(values, "care_plan_until"),
    )
    try:
        record_health(child, note, by=by, at=at)
    except UnableToRecordHealthError as error:
        raise UnableToApplyError(*(fault.value for fault in error.faults.values())) from None
    said = f"La fiche sanitaire de {child.first_name} est à jour : les listes des prochains jours la portent."
    return Done((said,), (("child", child.pk),))


def rehome(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will change the homes where children live from a day on; tells what the home that ends has still reserved."""
    children = children_named(application, values, "children")
    starts_on = day(values, "starts_on")
    codes = several(values["homes"])
    homes = list(Family.objects.filter(code__in=codes).order_by("pk"))
    if len(homes) != len(codes):
        message = "Un des dossiers n’existe pas : vérifiez les numéros."
        raise UnableToApplyError(message)
    _look_who_is_there(children, homes, on=_today(application, at))
    sentences, rows = [], []
    for child in children:
        try:
            changed = change_custody(child, homes, starts_on=starts_on, by=by, at=at)
        except UnableToChangeCustodyError as error:
            raise UnableToApplyError(error.fault.value) from None
        names = listed([home.name for home in homes])
        since = without_weekday(starts_on, year=True)
        sentences.append(f"{child.first_name} vit chez {names} à partir du {since}.")
        for home in changed.ended:
            count = reserved_after(child.pk, home, starts_on).count()
            if count:
                sentences.append(
                    f"{count} réservations de l’ancien foyer restent pour {child.first_name} : annulez-les si besoin."
                    if count > 1
                    else f"Une réservation de l’ancien foyer reste pour {child.first_name} : annulez-la si besoin."
                )
        rows.append(("child", child.pk))
    return Done(tuple(sentences), tuple(rows))


def _look_who_is_there(children: Sequence[Child], homes: Sequence[Family], *, on: date) -> None:
    """Will raise UnableToApplyError for a home of somebody who is kept out of a file of the child (decision 49)."""
    names = {child.pk: child.first_name for child in children}
    pairs = [(child, home.pk) for child in names for home in homes]
    found = whom_children_may_not_join(pairs, authority=homes[0].authority_id, on=on)
    if found:
        raise UnableToApplyError(
            *dict.fromkeys(kept_from_home(one.name, names[who]) for (who, _), one in found.items())
        )


def _today(application: Application, at: datetime) -> date:
    return at.astimezone(application.family.authority.zone).date()


def _added(before: str, more: str) -> str:
    """Will return what was known and what is told now, each once."""
    if not before or before.casefold() in more.casefold():
        return more
    return before if more.casefold() in before.casefold() else f"{before}\n{more}"
