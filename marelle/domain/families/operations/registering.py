"""A family registered at the counter: its file, its guardians, its children and where they live, at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import Child, Custody, Family, Guardian
from marelle.domain.families.operations.joining import ANIMALS, CHALKS
from marelle.domain.families.rules.registering import (
    NewChild,
    NewGuardian,
    NewHome,
    is_same_child,
    is_same_guardian,
)
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation


@dataclass(frozen=True, slots=True)
class Opened:
    """A file and those of whom it was asked, in that order; `is_again`: the form had come before, nothing was done."""

    family: Family
    guardians: tuple[Guardian, ...]
    children: tuple[Child, ...]
    is_again: bool


@operation
def open_file(
    authority: Authority, home: NewHome, *, key: str, into: Family | None = None, on: date, by: Actor, at: datetime
) -> Opened:
    """Will open the file of a family, whose children live there from the day `on`; or complete the file `into`.

    `key` names the form: sent twice, it opens one file, and the second time writes nothing. In a file that exists, who
    bears the same names (and, a child, was born the same day) is the same: it is left as it is, the others are added.
    """
    first = home.guardians[0]
    family, is_new = (
        (into, False)
        if into
        else Family.objects.get_or_create(
            authority=authority,
            code=f"M-{key}",
            defaults={
                "name": home.name,
                "address": home.address,
                "is_resident": home.is_resident,
                "email": first.email,
                "phone": first.phone,
            },
        )
    )
    if into is None and not is_new:
        return Opened(family, (), (), is_again=True)
    # Two agents may complete one file at once.
    Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    guardians = [_guardian(family, one) for one in home.guardians]
    children = [_child(family, one, on=on) for one in home.children]
    audit.record(
        "register_family" if is_new else "complete_family",
        authority=authority.pk,
        of="family",
        key=family.pk,
        by=by,
        at=at,
        guardians=[one.pk for one in guardians],
        children=[one.pk for one in children],
    )
    return Opened(family, tuple(guardians), tuple(children), is_again=False)


def _guardian(family: Family, wanted: NewGuardian) -> Guardian:
    for known in Guardian.objects.filter(family=family).order_by("pk"):
        if is_same_guardian(wanted, NewGuardian(known.first_name, known.last_name)):
            return known
    return Guardian.objects.create(
        authority_id=family.authority_id,
        family=family,
        first_name=wanted.first_name,
        last_name=wanted.last_name,
        relation=wanted.relation,
        email=wanted.email,
        phone=wanted.phone,
    )


def _child(family: Family, wanted: NewChild, *, on: date) -> Child:
    living = Custody.objects.filter(family=family, withdrawn_at=None).select_related("child").order_by("child_id")
    for custody in living:
        known = custody.child
        if is_same_child(wanted, NewChild(known.first_name, known.last_name, known.birth_date)):
            return known
    child = Child.objects.create(
        authority_id=family.authority_id,
        code=f"M-{new_public_id()}",
        first_name=wanted.first_name,
        last_name=wanted.last_name,
        birth_date=wanted.birth_date,
        school_class_id=wanted.school_class,
        animal="",
        chalk="",
    )
    child.animal, child.chalk = ANIMALS[child.pk % len(ANIMALS)], CHALKS[child.pk % len(CHALKS)]
    child.save(update_fields=["animal", "chalk"])
    Custody.objects.create(authority_id=family.authority_id, child=child, family=family, starts_on=on)
    return child
