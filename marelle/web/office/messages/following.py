"""The list of messages; what a draft would do; what became of one that left."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.news.models import FamilyMessage
from marelle.domain.news.operations.messages import (
    NobodyToTellError,
    NotADraftError,
    RecipientsChangedError,
    begin_sending,
    stop_sending,
)
from marelle.domain.news.queries.messages import counts_of, families_told, lost_addresses, recipients_in
from marelle.domain.news.queries.recipients import choices_at, preview_of, reply_address
from marelle.domain.news.rules.filters import filter_in_words, read_filter
from marelle.domain.news.rules.recipients import Channel
from marelle.domain.news.rules.texts import costly, length_of, plainer
from marelle.domain.reservations.queries.families import families_within
from marelle.foundation.french_dates import moment
from marelle.web.components.controls import Choice
from marelle.web.doors import office_page
from marelle.web.office.messages import wording
from marelle.web.office.messages.surroundings import message_or_404, page, publishing, seen
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Family
    from marelle.web.doors import OfficeVisit

PAGE = 30
SHOWN = 50


@require_safe
@office_page(ROLES.PUBLISH)
def every(request: HttpRequest) -> HttpResponse:
    """Will list the messages, a page at a time, with what became of each."""
    visit = visit_of(request)
    leaf = Paginator(seen(visit), PAGE).get_page(request.GET.get("page"))
    rows = list(leaf)
    counts = counts_of([row.pk for row in rows])
    names = _names(visit)
    lost = len(lost_addresses(families_within(publishing(visit))))
    here = url_of(visit, "office_messages")
    return page(
        request,
        "list.html",
        rows=[
            {
                "title": _title(row),
                "url": url_of(visit, "office_message", message=row.public_id),
                "state": wording.STATES[FamilyMessage.State(row.state)],
                "whom": filter_in_words(read_filter(row.criteria), names),
                "when": _when(row, visit),
                "told": ", ".join(wording.summed_up(counts[row.pk])) if row.pk in counts else "",
            }
            for row in rows
        ],
        new_url=url_of(visit, "office_message_edit", message=wording.NEW),
        models_url=url_of(visit, "office_message_templates"),
        lost=lost,
        lost_url=url_of(visit, "office_lost_addresses"),
        newer_url=f"{here}?page={leaf.previous_page_number()}" if leaf.has_previous() else "",
        older_url=f"{here}?page={leaf.next_page_number()}" if leaf.has_next() else "",
    )


@require_safe
@office_page(ROLES.PUBLISH)
def one(request: HttpRequest, message: str) -> HttpResponse:
    """Will show what a draft would do, or what became of a message."""
    found = message_or_404(visit_of(request), message)
    if found.state == FamilyMessage.State.DRAFT:
        return _draft(request, found)
    return _followed(request, found)


@require_POST
@office_page(ROLES.PUBLISH)
def send(request: HttpRequest, message: str) -> HttpResponse:
    """Will send a draft to those who were shown."""
    visit = visit_of(request)
    found = message_or_404(visit, message)
    try:
        begin_sending(
            found,
            seen=request.POST.get("vu", ""),
            reach=publishing(visit),
            authority=visit.authority,
            by=visit.actor,
            at=visit.at,
        )
    except RecipientsChangedError:
        return _draft(request, found, problem=wording.CHANGED, status=HTTPStatus.CONFLICT)
    except NobodyToTellError:
        return _draft(request, found, problem=wording.NOBODY, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except NotADraftError:
        messages.warning(request, wording.NOT_A_DRAFT, extra_tags="amber")
    return SeeOther(url_of(visit, "office_message", message=found.public_id))


@require_POST
@office_page(ROLES.PUBLISH)
def stop(request: HttpRequest, message: str) -> HttpResponse:
    """Will stop a message that is leaving."""
    visit = visit_of(request)
    found = message_or_404(visit, message)
    if stop_sending(found, by=visit.actor, at=visit.at):
        messages.success(request, wording.STOPPED, extra_tags="amber")
    else:
        messages.warning(request, wording.ALREADY_ENDED, extra_tags="amber")
    return SeeOther(url_of(visit, "office_message", message=found.public_id))


@require_safe
@office_page(ROLES.PUBLISH)
def progress(request: HttpRequest, message: str) -> HttpResponse:
    """Will show how far a message is, for its page to show again."""
    visit = visit_of(request)
    return render(request, "office/messages/progress.html", _progress(visit, message_or_404(visit, message)))


def _draft(
    request: HttpRequest, found: FamilyMessage, *, problem: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    visit = visit_of(request)
    preview = preview_of(found, publishing(visit), authority=visit.authority, on=visit.today)
    sample = preview.sample
    text = plainer(found.text_body) if Channel.TEXT in found.channels else ""
    return page(
        request,
        "draft.html",
        status,
        title=_title(found),
        problem=problem,
        whom=filter_in_words(read_filter(found.criteria), _names(visit)),
        families=wording.families(preview.families),
        leaves=wording.what_leaves(preview),
        cost=wording.cost(preview, settings.TEXT_PRICE),
        costly=" ".join(costly(text)) if length_of(text).parts else "",
        may_send=bool(preview.letters or preview.texts),
        lost=preview.lost,
        first=_named(preview.first, visit),
        more=max(0, preview.families - len(preview.first)),
        unreached=_named(preview.unreached, visit),
        unreached_count=preview.unreached_count,
        unreached_more=max(0, preview.unreached_count - len(preview.unreached)),
        sample=sample,
        sample_email=sample is not None and Channel.EMAIL in sample.channels,
        sample_text=sample is not None and Channel.TEXT in sample.channels,
        text_length=length_of(sample.words.text) if sample is not None else None,
        signature=f"{visit.authority.name}, espace famille",
        reply_to=reply_address(found, visit.authority) if found.by_email else "",
        what_was_seen=preview.mark,
        edit_url=url_of(visit, "office_message_edit", message=found.public_id),
        send_url=url_of(visit, "office_message_send", message=found.public_id),
        remove_url=url_of(visit, "office_message_remove", message=found.public_id),
        list_url=url_of(visit, "office_messages"),
    )


def _followed(request: HttpRequest, found: FamilyMessage) -> HttpResponse:
    visit = visit_of(request)
    counts = counts_of([found.pk])[found.pk]
    group = request.GET.get("voir", "")
    if group not in wording.GROUPS:  # whom to call first, then who waits or was told
        group = next(
            (code for code, (_label, states) in wording.GROUPS.items() if any(map(counts.get, states))), "partis"
        )
    leaf = Paginator(recipients_in(found.pk, wording.GROUPS[group][1]), SHOWN).get_page(request.GET.get("page"))
    here = url_of(visit, "office_message", message=found.public_id)
    may_open = visit.may(ROLES.READ_FAMILIES)
    return page(
        request,
        "followed.html",
        title=_title(found),
        found=found,
        state=wording.STATES[FamilyMessage.State(found.state)],
        whom=filter_in_words(read_filter(found.criteria), _names(visit)),
        when=_when(found, visit),
        families=wording.families(families_told(found.pk)),
        summed_up=wording.summed_up(counts),
        groups=[
            Choice(f"{label} ({sum(counts[one] for one in states)})", f"{here}?voir={code}", is_current=code == group)
            for code, (label, states) in wording.GROUPS.items()
        ],
        group=wording.GROUPS[group][0],
        recipients=[
            {
                "family": row.family.name,
                "url": _family_url(visit, row.family) if may_open else "",
                "who": f"{row.guardian.first_name} {row.guardian.last_name}" if row.guardian else "",
                "channel": row.get_channel_display(),
                "state": wording.RECIPIENT_STATES[wording.STATE(row.state)],
                "why": wording.FAILURES.get(row.failure, ""),
            }
            for row in leaf
        ],
        newer_url=f"{here}?voir={group}&page={leaf.previous_page_number()}" if leaf.has_previous() else "",
        older_url=f"{here}?voir={group}&page={leaf.next_page_number()}" if leaf.has_next() else "",
        stop_url=url_of(visit, "office_message_stop", message=found.public_id),
        list_url=url_of(visit, "office_messages"),
        **_progress(visit, found),
    )


def _progress(visit: OfficeVisit, found: FamilyMessage) -> dict[str, Any]:
    done, whole, words = wording.progress(counts_of([found.pk])[found.pk])
    return {
        "is_sending": found.state == FamilyMessage.State.SENDING,
        "done": done,
        "whole": max(whole, 1),
        "percent": done * 100 // max(whole, 1),
        "words": words,
        "message_url": url_of(visit, "office_message", message=found.public_id),
        "progress_url": url_of(visit, "office_message_progress", message=found.public_id),
    }


def _names(visit: OfficeVisit) -> dict[tuple[str, str], str]:
    return choices_at(visit.authority.pk, publishing(visit), on=visit.today).names


def _title(row: FamilyMessage) -> str:
    first = row.text_body.split("\n", 1)[0]
    return row.subject or (f"{first[:57]}…" if len(first) > 60 else first) or "Message"  # noqa: PLR2004  a title


def _when(row: FamilyMessage, visit: OfficeVisit) -> str:
    """Will say who wrote or sent it, and when."""

    def said(at: datetime) -> str:
        return moment(at.astimezone(visit.authority.zone))

    return f"Parti {said(row.began_at)}" if row.began_at else f"Écrit {said(row.written_at)}"


def _named(families: tuple[Family, ...], visit: OfficeVisit) -> list[dict[str, str]]:
    may_open = visit.may(ROLES.READ_FAMILIES)
    return [{"name": one.name, "url": _family_url(visit, one) if may_open else ""} for one in families]


def _family_url(visit: OfficeVisit, family: Family) -> str:
    return url_of(visit, "office_family", family=family.public_id)
