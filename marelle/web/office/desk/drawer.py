"""The drawer of a régie: what should be in it, what was counted, what its act says."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.accounts.queries import agent_names
from marelle.domain.payments.operations.regies import count_cash, set_act
from marelle.domain.payments.queries.desk import act_of, counts_of, drawer_of
from marelle.foundation.french_dates import in_digits, moment
from marelle.foundation.money import in_amount, in_euros
from marelle.web.office.desk import wording
from marelle.web.office.desk.forms import ActForm, CountForm
from marelle.web.office.desk.surroundings import (
    desk_context,
    desk_page,
    page,
    regie_or_404,
    regie_page,
    url_of,
    visit_of,
)
from marelle.web.office.surroundings import ROLES
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.authorities.models import Regie

LAST_COUNTS = 12


@require_safe
@desk_page
def show(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show the drawer of a régie."""
    return _page(request, regie_or_404(regie))


@require_POST
@desk_page
def count(request: HttpRequest, regie: str) -> HttpResponse:
    """Will record what was counted."""
    visit = visit_of(request)
    found = regie_or_404(regie)
    form = CountForm(request.POST, auto_id="compter-%s")
    if not form.is_valid():
        return _page(request, found, counting=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    done = count_cash(found, pieces=form.pieces, words=form.cleaned_data["words"], by=visit.actor, at=visit.at)
    messages.success(request, wording.counted(done), extra_tags="amber" if done.difference_cents else "green")
    return SeeOther(url_of(visit, "office_drawer", regie=found.code))


@require_POST
@regie_page
def act(request: HttpRequest, regie: str) -> HttpResponse:
    """Will note what the act of a régie allows."""
    visit = visit_of(request)
    found = regie_or_404(regie)
    form = ActForm(request.POST, auto_id="acte-%s")
    if not form.is_valid():
        return _page(request, found, acting=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    set_act(
        found,
        reference=said["reference"],
        ceiling_cents=said["ceiling"],
        float_cents=said["coins"],
        deposit_days=said["deposit_days"],
        by=visit.actor,
        at=visit.at,
    )
    messages.success(request, wording.ACT_SAVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_drawer", regie=found.code))


def _page(
    request: HttpRequest,
    regie: Regie,
    *,
    counting: CountForm | None = None,
    acting: ActForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    drawer, its_act = drawer_of(regie.pk), act_of(regie.pk)
    counts = list(counts_of(regie.pk)[:LAST_COUNTS])
    names = agent_names({one.counted_by_id for one in counts if one.counted_by_id})
    due = drawer.due_on()
    initial = {
        "reference": its_act.reference if its_act else "",
        "ceiling": in_amount(its_act.ceiling_cents if its_act else 0),
        "coins": in_amount(its_act.float_cents if its_act else 0),
        "deposit_days": its_act.deposit_days if its_act else 31,
    }
    context = desk_context(
        visit,
        regie,
        current="office_drawer",
        amount=in_euros(drawer.cents),
        coins=in_euros(drawer.float_cents),
        received=in_euros(drawer.receipts_cents),
        ceiling=in_euros(drawer.ceiling_cents) if drawer.ceiling_cents else "",
        over=in_euros(drawer.over_cents) if drawer.over_cents else "",
        due=in_digits(due) if due else "",
        is_overdue=drawer.is_overdue(on=visit.today),
        has_act=its_act is not None,
        counts=[
            {
                "at": moment(one.counted_at.astimezone(visit.authority.zone)),
                "by": names.get(one.counted_by_id or 0, ""),
                "amount": in_euros(one.counted_cents),
                "expected": in_euros(one.expected_cents),
                "difference": in_euros(one.difference_cents) if one.difference_cents else "",
                "words": one.words,
            }
            for one in counts
        ],
        counting=counting or CountForm(auto_id="compter-%s"),
        is_counting=counting is not None,
        acting=acting or ActForm(auto_id="acte-%s", initial=initial),
        is_acting=acting is not None,
        may_act=visit.may(ROLES.ADMINISTER),
        count_url=url_of(visit, "office_count_cash", regie=regie.code),
        act_url=url_of(visit, "office_regie_act", regie=regie.code),
        deposits_url=url_of(visit, "office_deposits", regie=regie.code),
    )
    return page(request, "drawer", context, status=status)
