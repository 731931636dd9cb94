"""What the page of a family says of its file: whom it trusts, what it consents to, what waits, when it confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marelle.domain.families.queries.profile import last_confirmation_of, pickups_of, waiting_changes_of
from marelle.domain.families.rules.consents import STANDING_WORDS, ConsentStanding
from marelle.domain.families.rules.departments import department_in_words
from marelle.foundation.french_dates import in_digits, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.families.models import Family
    from marelle.domain.families.queries.profile import ConsentOf
    from marelle.web.doors import OfficeVisit

TONES = {ConsentStanding.GIVEN: "green", ConsentStanding.REFUSED: "red"}


def file_context(visit: OfficeVisit, family: Family, consents: Sequence[ConsentOf]) -> dict[str, Any]:
    """Will return what the section shows."""
    last = last_confirmation_of(family.pk)
    people = [
        {
            "name": person.name,
            "key": person.public_id,
            "relation": person.relation,
            "phone": person.phone,
            "children": listed(sorted(one.child.first_name for one in person.children.all())),
            "days": f"du {in_digits(person.starts_on)}"
            + (f" au {in_digits(person.ends_on)}" if person.ends_on else " jusqu’à nouvel ordre"),
        }
        for person in pickups_of(family.pk)
        if person.ends_on is None or person.ends_on >= visit.today
    ]
    answers = [
        {
            "title": one.text.title,
            "who": one.child.first_name if one.child else "",
            "words": STANDING_WORDS[one.standing],
            "tone": TONES.get(one.standing, "amber"),
        }
        for one in consents
    ]
    return {
        "file_people": people,
        "file_consents": answers,
        "file_waiting": waiting_changes_of(family.pk).count(),
        "file_confirmed": in_digits(last) if last else "",
        "file_reach": " · ".join(filter(None, (family.phone, family.other_phone, family.email))),
        "file_department": department_in_words(family.department),
    }
