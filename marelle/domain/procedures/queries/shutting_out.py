"""What removing a guardian's access would do, before an agent does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marelle.domain.families.models import (
    Family,
    Guardian,
    Invitation,
    JoinRequest,
    Membership,
    MembershipCode,
)
from marelle.domain.families.queries.removals import other_files_of
from marelle.domain.families.rules.removals import addresses_of_removed
from marelle.domain.payments.models import DirectDebitMandate, PaymentAttempt
from marelle.domain.payments.models.direct_debits import LIVING_STATES
from marelle.domain.procedures.models import Application
from marelle.domain.procedures.rules.states import State
from marelle.domain.reservations.models import BasketLine


@dataclass(frozen=True, slots=True)
class Removing:
    """What would end, what would stay, and which of the family's addresses are hers (names of fields).

    `others` are the guardians of the family who have an account, `sharing` those of them all who are written to at an
    address of hers: no letter goes there any more. `elsewhere` are other files of the same children where she is, and
    stays.
    """

    memberships: tuple[Membership, ...]
    has_link: bool
    has_code: bool
    basket_days: int
    payments: int
    requests: int
    drafts: int
    mandates: int
    addresses: tuple[str, ...]
    others: tuple[Guardian, ...]
    sharing: tuple[Guardian, ...]
    elsewhere: tuple[Family, ...]


def removing(guardian: Guardian, *, on: date) -> Removing:
    """Will return what removing the access of a guardian, with its family, would do now; `on` is today (local)."""
    family = guardian.family
    members = tuple(Membership.objects.filter(guardian=guardian).select_related("user").order_by("pk"))
    users = [one.user_id for one in members]
    emails = {each.strip().lower() for each in (guardian.email, *(one.user.email for one in members)) if each}
    people = list(Guardian.objects.filter(family=family).exclude(pk=guardian.pk).order_by("pk"))
    with_account = set(Membership.objects.filter(family=family).values_list("guardian_id", flat=True))
    known = {name: getattr(family, name) for name in ("email", "phone", "other_phone")}
    waiting = JoinRequest.objects.filter(user__in=users, state=JoinRequest.State.WAITING)
    return Removing(
        memberships=members,
        has_link=Invitation.objects.filter(guardian=guardian, done_at=None, revoked_at=None).exists(),
        has_code=MembershipCode.objects.filter(guardian=guardian, used_at=None, revoked_at=None).exists(),
        basket_days=BasketLine.objects.filter(basket__user__in=users, basket__family=family).count(),
        payments=PaymentAttempt.objects.open().filter(user__in=users, family=family).count(),
        requests=waiting.count(),
        drafts=Application.objects.filter(family=family, applicant__in=users, state=State.DRAFT).count(),
        mandates=DirectDebitMandate.objects.filter(family=family, signed_by__in=users, state__in=LIVING_STATES).count(),
        addresses=addresses_of_removed(known, emails=emails, phones=[guardian.phone]),
        others=tuple(one for one in people if one.pk in with_account),
        sharing=tuple(one for one in people if one.email.strip().lower() in emails and one.pk not in with_account),
        elsewhere=other_files_of(guardian, users=users, emails=emails, on=on),
    )
