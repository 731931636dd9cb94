"""All that a family asked, in one list: its applications, and the cancellations of reservations it asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.db.models import BooleanField, CharField, ExpressionWrapper, F, Q, Value

from marelle.domain.procedures.models import Application
from marelle.domain.procedures.queries.applications import applications_of
from marelle.domain.procedures.rules.states import State
from marelle.domain.reservations.models import CancellationRequest
from marelle.domain.reservations.queries.answers import cancellations_asked_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.paginator import Page

_APPLICATION, _CANCELLATION = "application", "cancellation"


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of what a family sent: what is under way first, then what is answered, each the latest first."""

    under_way: Sequence[Application | CancellationRequest]
    answered: Sequence[Application | CancellationRequest]
    page: Page


def to_finish(family: int, *, user: int) -> list[Application]:
    """Will return what waits for a family (key): the drafts of this account (key), and what is to be completed."""
    waiting = applications_of(family, user=user).filter(state__in=(State.DRAFT, State.INCOMPLETE))
    return list(waiting.prefetch_related("changes", "children__child"))


def history_of(family: int, *, user: int, number: str | None, size: int) -> HistoryPage:
    """Will return page `number`, as a browser says it, of what a family (key) sent and does not wait for it.

    `size` is how many there are on a page. As many statements for any number of them.
    """
    sent = (
        Application.objects.filter(family_id=family)
        .exclude(state__in=(State.DRAFT, State.INCOMPLETE))
        .annotate(
            what=Value(_APPLICATION, CharField()),
            when=F("submitted_at"),
            is_open=_is(state=State.SUBMITTED),
        )
        .order_by()
        .values_list("what", "id", "when", "is_open")
    )
    cancellations = (
        cancellations_asked_by(family)
        .annotate(
            what=Value(_CANCELLATION, CharField()),
            when=F("asked_at"),
            is_open=_is(state=CancellationRequest.State.PENDING),
        )
        .select_related(None)
        .order_by()
        .values_list("what", "id", "when", "is_open")
    )
    all_of_them = sent.union(cancellations, all=True).order_by("-is_open", "-when", "-id")
    page = Paginator(all_of_them, size).get_page(number)
    shown = list(page.object_list)
    keys = {kind: [pk for what, pk, *_ in shown if what == kind] for kind in (_APPLICATION, _CANCELLATION)}
    rows: dict[tuple[str, int], Application | CancellationRequest] = {}
    if keys[_APPLICATION]:
        mine = applications_of(family, user=user).filter(pk__in=keys[_APPLICATION])
        rows |= {(_APPLICATION, one.pk): one for one in mine.prefetch_related("changes", "children__child")}
    if keys[_CANCELLATION]:
        rows |= {
            (_CANCELLATION, one.pk): one for one in cancellations_asked_by(family).filter(pk__in=keys[_CANCELLATION])
        }
    return HistoryPage(
        [rows[what, pk] for what, pk, _when, is_open in shown if is_open],
        [rows[what, pk] for what, pk, _when, is_open in shown if not is_open],
        page,
    )


def _is(**where: object) -> ExpressionWrapper:
    return ExpressionWrapper(Q(**where), output_field=BooleanField())
