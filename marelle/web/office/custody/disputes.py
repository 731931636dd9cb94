"""What two homes ask of each other: what they dispute, what waits for one of them, and what the town hall decides."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from marelle.domain.accounts.queries import agent_names
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import CustodyProposal
from marelle.domain.reservations.operations.custody import (
    AlreadyAnsweredError,
    CustodyChangedMeanwhileError,
    UnableToSettleCustodyError,
    decide_proposal,
)
from marelle.domain.reservations.queries.custody import open_proposals, standing_terms
from marelle.domain.reservations.queries.custody_effects import days_preview, terms_preview
from marelle.domain.reservations.rules.custody import terms_from
from marelle.domain.reservations.rules.custody_sentences import Homes
from marelle.foundation.french_dates import in_full, listed_days
from marelle.web.office.custody import wording
from marelle.web.office.custody.forms import ACCEPT, OTHER, DecideForm, SettleForm
from marelle.web.office.custody.settling import CHANGE, WRITE, typed
from marelle.web.office.custody.shown import (
    home_names,
    preview_view,
    seen_mark,
    service_names,
    terms_view,
    until_of,
    url_of_child,
)
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of, whole_authority_page
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Family
    from marelle.domain.reservations.queries.custody_effects import CustodyPreview
    from marelle.domain.reservations.rules.custody import CustodyTerms
    from marelle.web.doors import OfficeVisit

STATE = CustodyProposal.State
KIND = CustodyProposal.Kind
SHOWN_ANSWERED: Final = 20


@require_safe
@whole_authority_page(ROLES.MANAGE_RESERVATIONS)
def listing(request: HttpRequest) -> HttpResponse:
    """Will show what waits for the town hall, what waits for the other home, and the latest that were decided."""
    visit = visit_of(request)
    rows = list(open_proposals())
    decided = (
        CustodyProposal.objects.filter(state__in=(STATE.DECIDED, STATE.DISMISSED))
        .select_related("child", "from_home", "to_home")
        .order_by("-decided_at", "-pk")[:SHOWN_ANSWERED]
    )
    context = office_context(
        visit,
        "office_inbox",
        disputed=_rows((one for one in rows if one.state == STATE.DISPUTED), visit),
        pending=_rows((one for one in rows if one.state == STATE.PENDING), visit),
        decided=_rows(decided, visit),
        back_url=url_of(visit, "office_inbox"),
    )
    return render(request, "office/custody/disputes.html", context)


def _rows(rows: Iterable[CustodyProposal], visit: OfficeVisit) -> list[dict[str, Any]]:
    zone = visit.authority.zone
    return [
        {
            "url": url_of(visit, "office_custody_dispute", proposal=one.public_id),
            "child": one.child.full_name,
            "homes": [names[one.from_home_id], names[one.to_home_id]],
            "asks": wording.asks(one),
            "since": wording.since(one, zone),
            "answered": wording.answered(one, zone),
            "state": one.get_state_display(),
        }
        for one in rows
        for names in (home_names((one.from_home, one.to_home)),)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@whole_authority_page(ROLES.MANAGE_RESERVATIONS)
def dispute(request: HttpRequest, proposal: str) -> HttpResponse:
    """Will show what a home asks, what both say and what it would change; a POST shows a decision, then decides."""
    rows = CustodyProposal.objects.select_related("child", "from_home", "to_home")
    row = get_object_or_404(rows, public_id=proposal)
    if row.state not in CustodyProposal.OPEN:
        status = HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK
        return _answered_page(request, row, status)
    case = _Case(request, row)
    if request.method != "POST":
        return case.form_page()
    act = request.POST.get("act")
    if act == CHANGE:
        return case.form_page(bound=True)
    if not case.is_valid():
        return case.form_page(bound=True, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    preview = case.preview()
    return case.write(preview) if act == WRITE else case.preview_page(preview)


class _Case:
    """A proposal that waits, and what an agent is about to decide of it."""

    def __init__(self, request: HttpRequest, row: CustodyProposal) -> None:
        self.request, self.visit, self.row = request, visit_of(request), row
        self.offer = offer_of(self.visit.authority)
        self.order = (row.from_home_id, row.to_home_id)
        self.names = home_names((row.from_home, row.to_home))
        self.homes = Homes.named(*(self.names[key] for key in self.order))
        self.is_calendar = row.kind == KIND.CALENDAR
        self.asked: CustodyTerms | None = terms_from(row.terms) if row.terms is not None else None
        data = request.POST if request.method == "POST" else None
        self.form = DecideForm(
            data, auto_id="decision-%s", is_calendar=self.is_calendar, today=self.visit.today, asked=row.starts_on
        )
        self.other = self._other(data if data is not None and data.get("answer") == OTHER else None)

    @property
    def answer(self) -> str:
        """Will return what is decided."""
        said: str = self.form.cleaned_data.get("answer", "")
        return said

    @property
    def from_day(self) -> date | None:
        """Will return the day from which terms count, when it is not the one that was asked."""
        day: date | None = self.other.starts if self.answer == OTHER else self.form.cleaned_data.get("from_day")
        return day

    def is_valid(self) -> bool:
        """Will tell whether all that the decision needs was written."""
        is_good = self.form.is_valid()
        return is_good and (self.answer != OTHER or self.other.is_valid())

    def _other(self, data: Any) -> SettleForm:
        form = SettleForm(
            data,
            auto_id="garde-%s",
            homes=self.homes,
            services=self.offer.services,
            terms=self.asked,
            starts_on=self.row.starts_on,
            today=self.visit.today,
        )
        # What is reserved follows what is decided, as it would when both agree.
        del form.fields["moves"]
        return form

    def preview(self) -> CustodyPreview | None:
        """Will say what the decision would do; None: nothing but an answer."""
        if self.answer == ACCEPT:
            return self.foreseen(self.asked, self.from_day or self.row.starts_on)
        return self.foreseen(self.other.terms, self.from_day) if self.answer == OTHER else None

    def foreseen(self, terms: CustodyTerms | None, starts_on: date | None) -> CustodyPreview:
        """Will say what these terms would do from a day on; without terms, what the days that are asked would."""
        row, today = self.row, self.visit.today
        if terms is None or starts_on is None:
            days = {**dict.fromkeys(row.gives, row.to_home_id), **dict.fromkeys(row.takes, row.from_home_id)}
            return days_preview(row.child_id, days=days, until=max(days), offer=self.offer, today=today)
        return terms_preview(
            row.child_id,
            first_home=row.from_home_id,
            second_home=row.to_home_id,
            terms=terms,
            starts_on=starts_on,
            until=until_of(starts_on),
            offer=self.offer,
            today=today,
        )

    def write(self, preview: CustodyPreview | None) -> HttpResponse:
        """Will decide what was looked at; what changed since is shown again."""
        visit, seen = self.visit, self.request.POST.get("seen", "")
        if seen != seen_mark(self.row.child_id, preview):
            return self.preview_page(preview, problem=wording.MEANWHILE, status=HTTPStatus.CONFLICT)
        try:
            done = decide_proposal(
                self.row,
                accepts=self.answer == ACCEPT,
                words=self.form.cleaned_data["words"],
                starts_on=self.from_day,
                instead=self.other.terms if self.answer == OTHER else None,
                seen=seen.partition(".")[0],
                offer=self.offer,
                by=visit.actor,
                at=visit.at,
            )
        except AlreadyAnsweredError as error:
            return _answered_page(self.request, error.proposal, HTTPStatus.CONFLICT)
        except UnableToSettleCustodyError as error:
            self.form.add_error(None, str(error.fault))
            return self.form_page(bound=True, status=HTTPStatus.CONFLICT)
        except CustodyChangedMeanwhileError:
            return self.preview_page(self.preview(), problem=wording.MEANWHILE, status=HTTPStatus.CONFLICT)
        count = preview.moves.count if preview is not None else 0
        said = wording.decided(self.row.child.first_name, done.get_state_display(), count)
        messages.success(self.request, said, extra_tags="green")
        return SeeOther(url_of(visit, "office_custody_disputes"))

    def form_page(self, *, bound: bool = False, status: int = HTTPStatus.OK) -> HttpResponse:
        """Will show what is asked and what the homes say, with the form of the decision."""
        today = self.visit.today
        row = self.row
        first = row.starts_on if row.starts_on is not None else min((*row.gives, *row.takes))
        is_told = first > today
        preview = self.foreseen(self.asked, row.starts_on) if is_told else None
        context = self._around(
            done=self._done(preview) if preview is not None else None,
            is_late=not is_told,
            too_late=wording.TOO_LATE,
            form=self.form,
            other=self.other if self.is_calendar else None,
            is_other=bound and self.form["answer"].value() == OTHER,
            refused=self.form if bound and self.form.errors else None,
            other_refused=self.other if bound and self.other.is_bound and self.other.errors else None,
        )
        return render(self.request, "office/custody/dispute.html", context, status=status)

    def preview_page(
        self, preview: CustodyPreview | None, *, problem: tuple[str, str] | None = None, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        """Will show what the decision would do."""
        starts_on = self.from_day or self.row.starts_on
        terms = self.other.terms if self.answer == OTHER else self.asked
        is_terms = preview is not None and terms is not None and starts_on is not None
        context = self._around(
            problem=problem,
            answer=wording.ANSWERS[self.answer],
            words=self.form.cleaned_data["words"],
            since=in_full(starts_on, year=True) if is_terms and starts_on is not None else "",
            said=terms_view(terms, self.homes, service_names(self.visit), first=starts_on, last=until_of(starts_on))
            if is_terms and starts_on is not None
            else None,
            done=self._done(preview) if preview is not None else None,
            nothing=wording.NOTHING_CHANGES,
            typed=typed(self.request),
            seen=seen_mark(self.row.child_id, preview),
        )
        return render(self.request, "office/custody/decision.html", context, status=status)

    def _done(self, preview: CustodyPreview) -> dict[str, Any]:
        until = max(preview.after)
        return preview_view(preview, self.order, self.names, until=until, days=not self.is_calendar)

    def _around(self, **more: Any) -> dict[str, Any]:
        return {**_said(self.request, self.row), **more}


def _answered_page(request: HttpRequest, row: CustodyProposal, status: int) -> HttpResponse:
    """Will say what came of a proposal that waits no more."""
    visit = visit_of(request)
    key = row.decided_by_id or 0
    name = agent_names({key}).get(key, "") if key else ""
    context = _said(request, row) | {
        "problem": (wording.ALREADY, wording.already(row, name, visit.authority.zone))
        if status == HTTPStatus.CONFLICT
        else None,
        "over": wording.already(row, name, visit.authority.zone),
        "decision": row.decision,
    }
    return render(request, "office/custody/dispute.html", context, status=status)


def _said(request: HttpRequest, row: CustodyProposal) -> dict[str, Any]:
    """Will return what both homes said, and where they are."""
    visit = visit_of(request)
    zone = visit.authority.zone
    names = home_names((row.from_home, row.to_home))
    homes = Homes.named(names[row.from_home_id], names[row.to_home_id])
    services = service_names(visit)
    now = next((one for one in reversed(standing_terms(row.child_id)) if one.starts_on <= visit.today), None)
    return office_context(
        visit,
        "office_inbox",
        child=row.child,
        asks=wording.asks(row),
        is_pending=row.state == STATE.PENDING,
        not_answered=wording.NOT_ANSWERED,
        homes=[_home(home, names, visit) for home in (row.from_home, row.to_home)],
        first_words=row.words,
        first_since=wording.since(row, zone),
        second_words=row.answer,
        second_since=wording.answered(row, zone),
        terms=terms_view(terms_from(row.terms), homes, services, first=visit.today, last=until_of(visit.today))
        if row.terms is not None
        else None,
        gives=listed_days(row.gives) if row.gives else "",
        takes=listed_days(row.takes) if row.takes else "",
        now=terms_view(
            now.settled,
            Homes.named(*(names.get(key, "") for key in (now.first_home_id, now.second_home_id))),
            services,
            first=visit.today,
            last=until_of(visit.today),
        )
        if now is not None
        else None,
        custody_url=url_of_child(visit, "office_custody", row.from_home, row.child),
        act_url=url_of(visit, "office_custody_dispute", proposal=row.public_id),
        back_url=url_of(visit, "office_custody_disputes"),
    )


def _home(home: Family, names: dict[int, str], visit: OfficeVisit) -> dict[str, str]:
    return {"name": names[home.pk], "url": url_of(visit, "office_family", family=home.public_id)}
