"""What belongs to a family in every room, by the words of the journal: to read its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Q, QuerySet, Value

from marelle.domain.billing.models import Invoice, PayerAccount
from marelle.domain.families.models import (
    AddressChange,
    Block,
    Child,
    Custody,
    Family,
    FamilyQuotient,
    FileConfirmation,
    Guardian,
    HealthRecord,
    Invitation,
    JoinRequest,
    Membership,
    MembershipCode,
    PickupPerson,
    ProposedChange,
    SupportingDocument,
)
from marelle.domain.procedures.models import Application
from marelle.domain.reservations.models import (
    Absence,
    CancellationRequest,
    Confirmation,
    Enrollment,
    Reservation,
    WaitingListEntry,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# Tables that name the family, and the word of the journal for each.
_OF_THE_FAMILY = (
    (Guardian, "guardian"),
    (Custody, "custody"),
    (Membership, "membership"),
    (Invitation, "invitation"),
    (MembershipCode, "membership_code"),
    (JoinRequest, "join_request"),
    (AddressChange, "addresschange"),
    (Block, "block"),
    (FamilyQuotient, "familyquotient"),
    (FileConfirmation, "fileconfirmation"),
    (PickupPerson, "pickupperson"),
    (ProposedChange, "proposedchange"),
    (SupportingDocument, "supportingdocument"),
    (PayerAccount, "payer_account"),
    (Application, "application"),
    (WaitingListEntry, "waiting_list_entry"),
)


def rows_of_family(family: int, *, since: datetime) -> Mapping[str, list[int]]:
    """Will return the keys of what belongs to a family (key), by kind. One statement.

    Reservations, absences, invoices and baskets, which come every week, are those made or issued `since`.
    """
    children = Custody.objects.filter(family=family).values("child")
    asked: list[tuple[str, QuerySet[Any]]] = [
        # What was said of the files that were united with it, and of the children noted twice, is said of it.
        ("family", Family.objects.filter(merged_into=family)),
        ("guardian", Guardian.objects.filter(merged_into__family=family)),
        ("child", Child.objects.filter(Q(pk__in=children) | Q(merged_into__in=children))),
        ("healthrecord", HealthRecord.objects.filter(child__in=children)),
        ("enrollment", Enrollment.objects.filter(child__in=children)),
        ("confirmation", Confirmation.objects.filter(family=family, confirmed_at__gte=since)),
        ("reservation", Reservation.objects.filter(family=family, date__gte=since.date())),
        ("absence", Absence.objects.filter(reservation__family=family, told_at__gte=since)),
        ("cancellation_request", CancellationRequest.objects.filter(reservation__family=family)),
        ("invoice", Invoice.objects.filter(family=family, issued_at__gte=since)),
        *((kind, model.objects.filter(family=family)) for model, kind in _OF_THE_FAMILY),
    ]
    first, *others = (
        rows.order_by().annotate(told_as=Value(kind, output_field=CharField())).values_list("told_as", "pk")
        for kind, rows in asked
    )
    found: dict[str, list[int]] = {"family": [family]}
    for kind, key in first.union(*others, all=True):
        found.setdefault(kind, []).append(key)
    return found
