"""Attempts, for those who follow them and those who show them. Amounts in cents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, Sum

from marelle.domain.authorities.models import Regie
from marelle.domain.authorities.rules.joining import is_joined
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.billing.queries.ledger import balances_of
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, PaymentSettings
from marelle.domain.payments.models.attempts import OPEN_STATES
from marelle.domain.payments.rules.attempts import WAITS_AT_DESK
from marelle.domain.reservations.models import Reservation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from marelle.domain.billing.queries.family_invoices import Entitled


# What somebody without an account tried to pay, and did not: it is not of the family.
TRIED_BY_ANYBODY = Q(is_without_account=True) & ~Q(state="paid")


def settings_of(regie: int) -> PaymentSettings | None:
    """Will return how a régie (key) is paid; None: at the desk alone."""
    return PaymentSettings.objects.filter(regie=regie).first()  # type: ignore[no-any-return]


def wallet_left(payer: int) -> int:
    """Will return what the wallet of a payer (key) still holds, less what open attempts are to take from it."""
    promised = PaymentAttempt.objects.open().filter(payer=payer).aggregate(sum=Sum("wallet_cents"))["sum"] or 0
    return max(0, balances_of([payer])[payer].wallet - promised)


def attempts_of_checkout(checkout: str) -> QuerySet[PaymentAttempt]:
    """Will return the attempts of one press of *Valider* or *Payer*, in the order in which they are paid."""
    rows: QuerySet[PaymentAttempt] = PaymentAttempt.objects.filter(checkout=checkout)
    return rows.select_related("regie", "confirmation").order_by("position", "pk")


def attempt_of_token(token: str) -> PaymentAttempt | None:
    """Will return the attempt that a gateway calls about, of whatever authority: `tenancy.every_authority()`."""
    rows = PaymentAttempt.objects.filter(token=token).select_related("authority", "regie", "user", "payer")
    found: PaymentAttempt | None = rows.first()
    return found


def attempts_of(who: Entitled) -> QuerySet[PaymentAttempt]:
    """Will return what the families of an account tried to pay, the latest first; trials apart. Inside its scope."""
    rows: QuerySet[PaymentAttempt] = PaymentAttempt.objects.filter(family__in=who.families)
    return (
        rows.exclude(purpose=PaymentAttempt.Purpose.TRIAL)
        .exclude(TRIED_BY_ANYBODY)
        .select_related("regie", "posting__receipt")
        .order_by("-created_at", "-pk")
    )


def has_joined(attempt: PaymentAttempt, *, at: datetime) -> bool:
    """Will tell whether the régie of an attempt has joined the online invoices by now, in its own time zone."""
    regie = Regie.objects.select_related("authority").get(pk=attempt.regie_id)
    return is_joined(regie.online_from, on=at.astimezone(regie.authority.zone).date())


def is_as_ordered(attempt: PaymentAttempt) -> bool:
    """Will tell whether all that an attempt is to pay is still to be paid: places held, invoices due."""
    lines = PaymentLine.objects.filter(attempt=attempt)
    if lines.filter(reservation__isnull=False).exclude(reservation__state=Reservation.State.HELD).exists():
        return False
    still = lines.filter(invoice__recovery_at__isnull=True, invoice__withdrawn_at__isnull=True)
    due = dict(still.filter(invoice__isnull=False).values_list("invoice", "cents"))
    left = left_of(list(due))
    is_due = all(cents <= left.get(invoice, 0) for invoice, cents in due.items())
    return is_due and len(due) == lines.filter(invoice__isnull=False).count()


def under_way(invoices: Collection[int]) -> dict[int, PaymentAttempt]:
    """Will return the open attempt of each of these invoices (keys) that somebody is paying now, the latest."""
    lines = PaymentLine.objects.filter(invoice__in=invoices, attempt__in=PaymentAttempt.objects.open())
    return {
        line.invoice_id: line.attempt
        for line in lines.select_related("attempt").order_by("attempt__created_at", "pk")
        if line.invoice_id is not None
    }


def twins_of(attempt: PaymentAttempt) -> QuerySet[PaymentAttempt]:
    """Will return the other attempts to pay the same thing: those begun again before or after this one, in order."""
    rows: QuerySet[PaymentAttempt] = PaymentAttempt.objects.filter(checkout=attempt.checkout, position=attempt.position)
    return rows.exclude(pk=attempt.pk).order_by("pk")


def invoices_being_paid() -> frozenset[int]:
    """Will return the keys of the invoices that an open attempt may still pay: nobody else is to ask for them."""
    rows = PaymentLine.objects.filter(attempt__in=PaymentAttempt.objects.open(), invoice__isnull=False)
    return frozenset(rows.values_list("invoice", flat=True))


def places_being_paid() -> list[int]:
    """Will return the keys of the reservations that an open attempt may still pay: their holds do not expire."""
    rows = PaymentLine.objects.filter(attempt__in=PaymentAttempt.objects.open(), reservation__isnull=False)
    return list(rows.values_list("reservation", flat=True))


def attempts_to_ask(*, at: datetime, at_most: int = 200) -> list[PaymentAttempt]:
    """Will return the attempts that are to be asked about by now, those that waited longest first.

    Those that are open, and those that were begun again while somebody may still be paying them.
    """
    rows = PaymentAttempt.objects.filter(ask_next_at__lte=at).exclude(gateway=PaymentSettings.Gateway.DESK)
    return list(rows.select_related("authority", "regie").order_by("ask_next_at", "pk")[:at_most])


def attempts_since(since: datetime) -> list[PaymentAttempt]:
    """Will return every online attempt begun since, and not paid: each is asked about again, whatever it became."""
    rows = PaymentAttempt.objects.filter(created_at__gte=since).exclude(
        Q(state="paid") | Q(gateway=PaymentSettings.Gateway.DESK) | Q(provider_id="")
    )
    return list(rows.select_related("authority", "regie").order_by("created_at", "pk"))


def places_held_at_desk(products: Collection[int]) -> QuerySet[Reservation]:
    """Will return the places of these products (keys) that are held until somebody settles them at the desk.

    Those that are being paid online settle by themselves.
    """
    online = PaymentLine.objects.filter(reservation=OuterRef("pk"), attempt__state__in=OPEN_STATES).exclude(
        attempt__gateway=PaymentSettings.Gateway.DESK
    )
    return Reservation.objects.filter(
        ~Exists(online), state=Reservation.State.HELD, product__in=list(products)
    ).order_by("held_until", "pk")


def desk_attempts_over(*, at: datetime) -> list[PaymentAttempt]:
    """Will return the attempts that waited at the desk for places that are held no longer than by now."""
    rows = PaymentAttempt.objects.open().filter(gateway=PaymentSettings.Gateway.DESK)
    late = rows.filter(lines__reservation__state="held", lines__reservation__held_until__lte=at)
    nothing_left = rows.exclude(lines__reservation__state="held").filter(purpose=PaymentAttempt.Purpose.BASKET)
    without_place = rows.exclude(purpose=PaymentAttempt.Purpose.BASKET).filter(created_at__lte=at - WAITS_AT_DESK)
    keys = {key for some in (late, nothing_left, without_place) for key in some.values_list("pk", flat=True)}
    return list(PaymentAttempt.objects.filter(pk__in=keys).select_related("authority").order_by("pk"))
