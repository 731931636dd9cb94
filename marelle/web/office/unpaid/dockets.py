"""Handing over to the Trésor: dockets, what lacks, the file, and what the Trésor answers."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from marelle.connectors.pes.reading import PesReader
from marelle.connectors.pes.schemas import SchemasMissingError, UnfitFileError
from marelle.connectors.pes.writing import PesWriter
from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import (
    CollectionBatch,
    CollectionOrder,
    CollectionReturn,
    PaidBeforeTitle,
    PayerAccount,
)
from marelle.domain.billing.operations.dockets import (
    AlreadyPreparedError,
    NothingToHandOverError,
    UnableToExportError,
    drop_docket,
    export_docket,
    leave_out,
    prepare_docket,
)
from marelle.domain.billing.operations.returns import (
    NotOursError,
    UnableToUndoError,
    deal_with_before_title,
    take_answer,
    undo_at_treasury,
)
from marelle.domain.billing.queries.dockets import (
    budget_of,
    debtors_of,
    kind_of,
    settings_of,
    to_hand_over,
)
from marelle.domain.billing.queries.treasury import (
    before_titles,
    cancelled_at_treasury,
    orders_that_differ,
    received_at_treasury,
)
from marelle.domain.billing.rules.dockets import budget_lacks
from marelle.domain.payments.queries.attempts import invoices_being_paid
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.web.doors import OfficeVisit, takes_files
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of
from marelle.web.office.unpaid import wording
from marelle.web.office.unpaid.forms import AnswerForm, PrepareDocketForm
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.billing.queries.dockets import DebtorOrders

MOST = 100


@require_safe
@billing_page
def dockets(request: HttpRequest) -> HttpResponse:
    """Will list the dockets and what the Trésor sent."""
    return _list(request)


@require_POST
@billing_page
def prepare(request: HttpRequest) -> HttpResponse:
    """Will gather what a régie may hand over."""
    visit = visit_of(request)
    form = PrepareDocketForm(request.POST, regies=_regies(), auto_id="preparer-%s")
    if not form.is_valid():
        return _list(request, preparing=form)
    regie = Regie.objects.get(code=form.cleaned_data["regie"])
    try:
        batch = prepare_docket(
            regie,
            exercice=form.cleaned_data["exercice"],
            authority=visit.authority,
            by=visit.actor,
            at=visit.at,
        )
    except NothingToHandOverError:
        messages.info(request, wording.NOTHING, extra_tags="blue")
        return SeeOther(url_of(visit, "office_dockets"))
    except AlreadyPreparedError:
        messages.info(request, wording.ALREADY, extra_tags="amber")
        return SeeOther(url_of(visit, "office_dockets"))
    messages.success(request, wording.PREPARED, extra_tags="green")
    return SeeOther(url_of(visit, "office_docket", docket=batch.public_id))


@takes_files
@require_POST
@billing_page
def take(request: HttpRequest) -> HttpResponse:
    """Will take in a file of the Trésor."""
    visit = visit_of(request)
    form = AnswerForm(request.POST, request.FILES)
    problem = "" if form.is_valid() else str(next(iter(form.errors.values()))[0])
    if not problem:
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            taken = take_answer(
                PesReader(settings.PES_SCHEMAS)(content),
                authority=visit.authority,
                digest=hashlib.sha256(content).hexdigest(),
                name=file.name or "",
                by=visit.actor,
                at=visit.at,
            )
        except SchemasMissingError:
            problem = wording.NO_SCHEMAS
        except UnfitFileError:
            problem = wording.NOT_READ
        except NotOursError:
            problem = wording.NOT_OURS
        else:
            messages.success(request, wording.taken(taken), extra_tags="blue" if taken.is_known else "green")
    if problem:
        messages.error(request, problem, extra_tags="red")
    return SeeOther(url_of(visit, "office_dockets"))


@require_POST
@billing_page
def undo(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will undo what the Trésor no longer counts of an invoice."""
    visit = visit_of(request)
    rows = CollectionOrder.objects.exclude(state=CollectionOrder.State.REJECTED)
    order = get_object_or_404(rows, invoice__public_id=invoice)
    try:
        cents = undo_at_treasury(order, authority=visit.authority, by=visit.actor, at=visit.at)
    except UnableToUndoError:
        messages.error(request, wording.NOT_UNDONE, extra_tags="red")
    else:
        messages.success(request, wording.UNDONE.format(amount=in_euros(cents)), extra_tags="green")
    return SeeOther(url_of(visit, "office_dockets"))


@require_POST
@billing_page
def deal(request: HttpRequest, before: str) -> HttpResponse:
    """Will note that what came before its title is dealt with."""
    visit = visit_of(request)
    found = get_object_or_404(PaidBeforeTitle, public_id=before)
    if deal_with_before_title(found, by=visit.actor, at=visit.at):
        messages.success(request, wording.DEALT_WITH, extra_tags="green")
    return SeeOther(url_of(visit, "office_dockets"))


@require_safe
@billing_page
def show(request: HttpRequest, docket: str) -> HttpResponse:
    """Will show a docket."""
    return _docket(request, _docket_or_404(docket))


@require_POST
@billing_page
def export(request: HttpRequest, docket: str) -> HttpResponse:
    """Will make the file of a docket, lock it and hand its invoices over."""
    visit = visit_of(request)
    found = _docket_or_404(docket)
    write = PesWriter(settings.PES_SCHEMAS)
    try:
        export_docket(
            found,
            authority=visit.authority,
            write=write,
            being_paid=invoices_being_paid,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToExportError:
        messages.error(request, wording.NOT_READY, extra_tags="red")
    except SchemasMissingError:
        messages.error(request, wording.NO_SCHEMAS, extra_tags="red")
    except UnfitFileError as error:
        messages.error(request, f"{wording.UNFIT} ({error})", extra_tags="red")
    else:
        messages.success(request, wording.EXPORTED, extra_tags="green")
    return SeeOther(url_of(visit, "office_docket", docket=found.public_id))


@require_safe
@billing_page
def file(request: HttpRequest, docket: str) -> HttpResponse:
    """Will hand over the file of a docket, as it left."""
    visit = visit_of(request)
    found = _docket_or_404(docket)
    if not found.content:
        return SeeOther(url_of(visit, "office_docket", docket=found.public_id))
    answer = HttpResponse(bytes(found.content), content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{found.file_name}.xml"'
    return answer


@require_POST
@billing_page
def drop(request: HttpRequest, docket: str) -> HttpResponse:
    """Will forget a docket in preparation."""
    visit = visit_of(request)
    if drop_docket(_docket_or_404(docket), by=visit.actor, at=visit.at):
        messages.success(request, wording.DROPPED, extra_tags="green")
    return SeeOther(url_of(visit, "office_dockets"))


@require_POST
@billing_page
def leave_out_of(request: HttpRequest, docket: str, payer: str) -> HttpResponse:
    """Will take a debtor out of a docket in preparation."""
    visit = visit_of(request)
    found = _docket_or_404(docket)
    account = get_object_or_404(PayerAccount, public_id=payer)
    if leave_out(found, account, by=visit.actor, at=visit.at):
        messages.success(request, wording.LEFT_OUT, extra_tags="green")
    return SeeOther(url_of(visit, "office_docket", docket=found.public_id))


def _docket_or_404(docket: str) -> CollectionBatch:
    return get_object_or_404(CollectionBatch.objects.select_related("regie"), public_id=docket)


def _regies() -> list[tuple[str, str]]:
    return list(Regie.objects.order_by("name", "pk").values_list("code", "name"))


def _list(request: HttpRequest, *, preparing: PrepareDocketForm | None = None) -> HttpResponse:
    visit = visit_of(request)
    rows = CollectionBatch.objects.select_related("regie").defer("content").order_by("-prepared_at", "-pk")[:MOST]
    ready = []
    for regie in Regie.objects.order_by("name", "pk"):
        lowest = settings_of(regie).lowest_cents
        enough, little = to_hand_over(regie, lowest=lowest, on=visit.today)
        if enough or little:
            ready.append(
                {
                    "regie": regie.name,
                    "debtors": len(enough),
                    "amount": in_euros(sum(one.cents for one in enough)),
                    "little": len(little),
                    "lowest": in_euros(lowest),
                }
            )
    context = office_context(
        visit,
        "office_unpaid",
        ready=ready,
        dockets=[_row(one, visit) for one in rows],
        returns=[
            {
                "name": one.name,
                "kind": one.get_kind_display(),
                "day": in_digits(one.taken_at.astimezone(visit.authority.zone).date()),
                "matched": one.matched,
                "unknown": one.unknown,
            }
            for one in CollectionReturn.objects.order_by("-taken_at", "-pk")[:20]
        ],
        differing=[_differing(one, visit) for one in orders_that_differ()],
        before_titles=[
            {
                "amount": in_euros(one.cents),
                "day": in_digits(one.date) if one.date else "",
                "words": one.words,
                "number": one.number,
                "account": one.account,
                "exercice": one.exercice,
                "url": url_of(visit, "office_before_title", before=one.public_id),
            }
            for one in before_titles()
        ],
        preparing=preparing
        or PrepareDocketForm(regies=_regies(), initial={"exercice": visit.today.year}, auto_id="preparer-%s"),
        answering=AnswerForm(auto_id="retour-%s"),
        prepare_url=url_of(visit, "office_docket_prepare"),
        answer_url=url_of(visit, "office_docket_answer"),
        no_schemas="" if settings.PES_SCHEMAS else wording.NO_SCHEMAS,
        back_url=url_of(visit, "office_unpaid"),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if preparing else HTTPStatus.OK
    return render(request, "office/unpaid/dockets.html", context, status=status)


def _differing(order: CollectionOrder, visit: OfficeVisit) -> dict[str, Any]:
    known, told = received_at_treasury(order), order.told_cents or 0
    return {
        "name": order.payer.name,
        "number": order.invoice.number,
        "url": url_of(visit, "office_invoice", invoice=order.invoice.public_id),
        "known": in_euros(known),
        "told": in_euros(told),
        "missing": in_euros(known - told) if cancelled_at_treasury(order) else "",
        "undo_url": url_of(visit, "office_undo_at_treasury", invoice=order.invoice.public_id),
    }


def _row(batch: CollectionBatch, visit: OfficeVisit) -> dict[str, Any]:
    tone, icon = wording.STATES[batch.state]
    return {
        "title": f"Bordereau n° {batch.sequence}, exercice {batch.exercice}" if batch.sequence else "Nouveau bordereau",
        "regie": batch.regie.name,
        "kind": batch.get_kind_display(),
        "amount": in_euros(batch.total_cents),
        "state": batch.get_state_display(),
        "tone": tone,
        "icon": icon,
        "url": url_of(visit, "office_docket", docket=batch.public_id),
    }


def _docket(request: HttpRequest, batch: CollectionBatch) -> HttpResponse:
    visit = visit_of(request)
    debtors = debtors_of(batch)
    chosen = settings_of(batch.regie)
    missing = budget_lacks(budget_of(chosen, visit.authority), kind_of(batch))
    is_open = batch.state in {CollectionBatch.State.PREPARED, CollectionBatch.State.REFUSED}
    context = office_context(
        visit,
        "office_unpaid",
        **{name: value for name, value in _row(batch, visit).items() if name != "url"},
        is_prepared=batch.state == CollectionBatch.State.PREPARED,
        is_open=is_open,
        is_roll=batch.kind == "rolls",
        has_file=bool(batch.file_name),
        refusals=wording.refused(batch.refusal),
        missing=[wording.BUDGET_LACKS[one] for one in missing] if is_open else [],
        incomplete=sum(bool(one.lacks) for one in debtors) if is_open else 0,
        debtors=[_debtor(one, batch, visit) for one in debtors],
        choices_url=url_of(visit, "office_collection", regie=batch.regie.code) if visit.may(ROLES.ADMINISTER) else "",
        export_url=url_of(visit, "office_docket_export", docket=batch.public_id),
        file_url=url_of(visit, "office_docket_file", docket=batch.public_id),
        drop_url=url_of(visit, "office_docket_drop", docket=batch.public_id),
        no_schemas="" if settings.PES_SCHEMAS else wording.NO_SCHEMAS,
        keys_doubt=wording.KEYS_DOUBT,
        notice=wording.NOTICE,
        back_url=url_of(visit, "office_dockets"),
    )
    return render(request, "office/unpaid/docket.html", context)


def _debtor(one: DebtorOrders, batch: CollectionBatch, visit: OfficeVisit) -> dict[str, Any]:
    return {
        "name": one.payer.name,
        "amount": in_euros(one.cents),
        "piece": one.orders[0].piece,
        "lacks": [wording.LACKS[lack] for lack in one.lacks],
        "url": f"{url_of(visit, 'office_debtor', payer=one.payer.public_id)}?bordereau={batch.public_id}",
        "leave_out_url": url_of(visit, "office_docket_leave_out", docket=batch.public_id, payer=one.payer.public_id),
        "orders": [_order(order, visit) for order in one.orders],
    }


def _order(order: CollectionOrder, visit: OfficeVisit) -> dict[str, Any]:
    tone, icon = wording.ORDER_STATES[order.state]
    return {
        "number": order.invoice.number,
        "label": order.invoice.label,
        "amount": in_euros(order.cents),
        "url": url_of(visit, "office_invoice", invoice=order.invoice.public_id),
        "state": order.get_state_display(),
        "tone": tone,
        "icon": icon,
        "said": order.said,
        "told": in_euros(order.told_cents) if order.told_cents is not None else "",
        "has_left": order.batch_id and order.piece is not None,
    }
