"""What every screen of messages starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import get_object_or_404, render

from marelle.domain.news.queries.messages import messages_for
from marelle.domain.news.rules.recipients import Channel
from marelle.web.office.surroundings import ROLES, office_context, reach, visit_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.news.models import FamilyMessage
    from marelle.domain.reservations.queries.reach import Reach
    from marelle.web.doors import OfficeVisit


def page(request: HttpRequest, template: str, status: int = 200, /, **context: Any) -> HttpResponse:
    """Will answer with a screen of messages."""
    whole = office_context(visit_of(request), "office_messages", **context)
    return render(request, f"office/messages/{template}", whole, status=status)


def publishing(visit: OfficeVisit) -> Reach:
    """Will return for whom the agent may write."""
    return reach(visit, ROLES.PUBLISH)


def may_see_unpaid(visit: OfficeVisit) -> bool:
    """Will tell whether the agent may know who owes: nobody learns it by writing to them."""
    return visit.may(ROLES.MANAGE_BILLING)


def seen(visit: OfficeVisit) -> QuerySet[FamilyMessage]:
    """Will return the messages that the agent may see."""
    return messages_for(visit.user.pk, publishing(visit), sees_unpaid=may_see_unpaid(visit))


def message_or_404(visit: OfficeVisit, public_id: str) -> FamilyMessage:
    """Will return one of those."""
    return get_object_or_404(seen(visit), public_id=public_id)


def channels_offered() -> tuple[Channel, ...]:
    """Will return the channels that this installation has."""
    return (Channel.EMAIL,) if settings.TEXTS is None else (Channel.EMAIL, Channel.TEXT)
