"""Who is at the door of a demonstration: a link in the mailbox, codes to be printed, a request to be answered.

Links and codes live by the machine's time: `at` is of the machine here.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from django.conf import settings

from marelle.domain.accounts.operations.people import open_accounts
from marelle.domain.families.models import Guardian
from marelle.domain.families.operations.joining import NewPerson, ask_to_join, invite, issue_codes
from marelle.foundation import tenancy
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.actors import Actor

TOWN: Final = "dammartin-sur-tigeaux"
INVITED: Final = "karim.benali@exemple.fr"
# Their letters are to be handed out at school.
WITH_CODES: Final = ("marc.dufour@exemple.fr", "maud.le-goff@exemple.fr")
# She has an account and no family, and asks for a child who is known: an agent has to say no, or call.
ASKS: Final = "nora.petit@exemple.fr"


@operation
def wait_at_the_door(authority: Authority, *, password: str, by: Actor, at: datetime) -> None:
    """Will have guardians of the first town hold a link and codes, and an account (with `password`) ask to come in."""
    if authority.slug != TOWN:
        return
    with tenancy.scope({authority.pk}):
        invited = Guardian.objects.filter(email=INVITED).values_list("pk", flat=True)
        invite(list(invited), days=settings.INVITATION_DAYS, again=False, by=by, at=at)
        coded = Guardian.objects.filter(email__in=WITH_CODES).values_list("pk", flat=True)
        issue_codes(list(coded), "letter", days=settings.CODE_DAYS, by=by, at=at)
        user = open_accounts({ASKS: password}, by=by, at=at)[ASKS]
        ask_to_join(
            user,
            authority=authority.pk,
            who=NewPerson("Nora", "Petit", "06 77 00 12 34"),
            child_first_name="Adam",
            child_last_name="Le Goff",
            child_birth_date=date(2018, 1, 17),
            words="Je suis la tante d’Adam, je viens le chercher le mardi. Puis-je réserver pour lui ?",
            by=by,
            at=at,
        )
