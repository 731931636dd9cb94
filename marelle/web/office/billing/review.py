"""The review of a run: what it comes to, what to look at, and every draft; once issued, the same of its invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q

from marelle.domain.billing.models import BillingRun, Invoice
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.billing.queries.review import (
    Figures,
    Sift,
    codes_of,
    counted,
    days_of,
    drafts_of,
    figures_of,
    is_to_wait,
    met_by,
    previous_run,
    sifted,
    sums_of,
)
from marelle.domain.billing.rules.charges import Trouble
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child
from marelle.foundation.money import in_euros
from marelle.foundation.periods import Period
from marelle.web.office.billing import wording
from marelle.web.office.billing.exports import paper_parts
from marelle.web.office.billing.lines import is_any_hidden
from marelle.web.office.need_to_know import knows_every_quotient
from marelle.web.office.overtaken_words import warning_of
from marelle.web.office.surroundings import ROLES, url_of, visit_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from marelle.domain.billing.queries.review import Met, Sum
    from marelle.domain.catalog.queries import Offer
    from marelle.web.doors import OfficeVisit

ON_A_PAGE: Final = 50
SORTS: Final = {"nom": ("payer_name", "pk"), "montant": ("-total_cents", "payer_name", "pk")}
LONGEST_SEARCH: Final = 80


def review_context(request: HttpRequest, run: BillingRun) -> dict[str, Any]:
    """Will return what the review shows of a run."""
    visit = visit_of(request)
    offer = offer_of(visit.authority)
    figures = figures_of([run.pk]).get(run.pk, Figures())
    before = previous_run(run)
    sums = sums_of(visit.authority.pk, [run.pk, *([before.pk] if before else [])])
    is_issued = run.state == BillingRun.State.ISSUED
    return {
        "is_issued": is_issued,
        "figures": figures,
        "amount": in_euros(figures.cents),
        "invoices": wording.invoices(figures.invoices),
        "carried_amount": in_euros(figures.carried_cents),
        "threshold": in_euros(run.carried_below) if run.carried_below else "",
        "approve_url": url_of(visit, "office_run_approve", run=run.public_id),
        "services": totals([one for one in sums if one.run == run.pk], offer, by_bracket=knows_every_quotient(visit)),
        "total": in_euros(sum(one.cents for one in sums if one.run == run.pk)),
        "moves": _moves(sums, run, before, offer),
        "before": before,
        "before_period": wording.month_of(Period(before.starts_on, before.ends_on)) if before else "",
        "codes": [{"code": code, "amount": in_euros(cents)} for code, cents in codes_of(visit.authority.pk, run.pk)],
        "troubles": [] if is_issued else _troubles(met_by(visit.authority.pk, run.pk), run, visit, offer),
        **({"overtaken": ()} if is_issued else warning_of(visit, run.services, first=run.starts_on, offer=offer)),
        "exports": [
            {"label": label, "url": url_of(visit, "office_run_export", run=run.public_id, kind=kind)}
            for kind, label in (("csv", "CSV"), ("xlsx", "Excel"))
        ],
        "documents": _documents(figures, run, visit) if is_issued and not is_any_hidden(run, visit) else [],
        **_list(request, run, visit),
    }


def _documents(figures: Figures, run: BillingRun, visit: OfficeVisit) -> list[dict[str, str]]:
    paper = url_of(visit, "office_run_documents", run=run.public_id, file="papier")
    parts = paper_parts(figures.paper)
    found = [
        {
            "label": f"Fichier d’impression{f' {part} sur {len(parts)}' if len(parts) > 1 else ''}",
            "url": f"{paper}?partie={part}",
            "icon": "printer",
        }
        for part in parts
    ]
    every = url_of(visit, "office_run_documents", run=run.public_id, file="zip")
    return [*found, {"label": "Tous les PDF, en un zip", "url": every, "icon": "download"}]


def totals(sums: Iterable[Sum], offer: Offer, *, by_bracket: bool) -> list[dict[str, Any]]:
    """Will sum by service, product and bracket, in the order of the screens; what has no product comes last.

    Without `by_bracket`, the days of a product are one sum: a band where there is one family says its quotient.
    """
    services: dict[str, dict[str, Any]] = {}
    places = {product.pk: place for place, product in enumerate(offer.products)}
    for one in sorted(sums, key=lambda one: places.get(one.product or 0, len(places))):
        product = offer.product_by_pk.get(one.product or 0)
        service = services.setdefault(
            product.activity.service.name if product else "Autres", {"cents": 0, "products": {}}
        )
        name = f"{product.name}, {product.activity.facility_name}" if product else wording.KINDS.get(one.kind, "Lignes")
        row = service["products"].setdefault(name, {"cents": 0, "units": 0, "brackets": {}})
        service["cents"] += one.cents
        row["cents"] += one.cents
        label = _bracket(one) if by_bracket or one.kind != "day" else ""
        part = row["brackets"].setdefault(label, {"cents": 0, "units": 0, "families": 0})
        if one.kind == "day":
            row["units"] += one.units
        part["units"] += one.units
        part["cents"] += one.cents
        part["families"] += one.families
    return [
        {
            "name": name,
            "amount": in_euros(service["cents"]),
            "products": [
                {
                    "name": product,
                    "units": row["units"] or "",
                    "amount": in_euros(row["cents"]),
                    "brackets": [
                        {**part, "name": bracket, "amount": in_euros(part["cents"])}
                        for bracket, part in row["brackets"].items()
                    ]
                    if len(row["brackets"]) > 1 or "" not in row["brackets"]
                    else [],
                }
                for product, row in service["products"].items()
            ],
        }
        for name, service in services.items()
    ]


def _bracket(one: Sum) -> str:
    if one.kind == "day":
        return wording.bracket(one.bracket).capitalize()
    return wording.KINDS.get(one.kind, "") if one.product else ""


def _moves(sums: list[Sum], run: BillingRun, before: BillingRun | None, offer: Offer) -> list[dict[str, Any]]:
    """Will compare with the run before, by product."""
    if before is None:
        return []
    rows: dict[str, dict[int, int]] = {}
    for one in sums:
        product = offer.product_by_pk.get(one.product or 0)
        name = f"{product.name}, {product.activity.facility_name}" if product else wording.KINDS.get(one.kind, "Lignes")
        each = rows.setdefault(name, {run.pk: 0, before.pk: 0})
        each[one.run] += one.cents
    rows["Total"] = {key: sum(one.cents for one in sums if one.run == key) for key in (run.pk, before.pk)}
    return [
        {
            "name": name,
            "now": in_euros(each[run.pk]),
            "before": in_euros(each[before.pk]),
            "change": wording.signed(each[run.pk] - each[before.pk]) if each[run.pk] != each[before.pk] else "=",
            "is_total": name == "Total",
        }
        for name, each in rows.items()
    ]


def _troubles(met: list[Met], run: BillingRun, visit: OfficeVisit, offer: Offer) -> list[dict[str, Any]]:
    keys = {note[1] for one in met for named in one.named for note in named.notes if note[1]}
    children: dict[int, str] = dict(Child.objects.filter(pk__in=keys).values_list("pk", "first_name"))
    page = url_of(visit, "office_run", run=run.public_id)
    return [
        {
            "title": wording.TROUBLES[one.trouble].title,
            "todo": wording.TROUBLES[one.trouble].todo,
            "families": wording.families(one.families),
            "named": [
                {
                    "name": named.name,
                    "draft_url": url_of(visit, "office_draft", run=run.public_id, family=named.family),
                    "family_url": url_of(visit, "office_family", family=named.family)
                    if visit.may(ROLES.MANAGE_RESERVATIONS)
                    else "",
                    "what": what(named.notes, children, offer),
                }
                for named in one.named
            ],
            "all_url": f"{page}?{urlencode({'voir': one.trouble.value})}#brouillons",
            "has_more": one.families > len(one.named),
        }
        for one in met
    ]


def what(notes: list[list[Any]], children: dict[int, str], offer: Offer) -> str:
    """Will say of whom and of which days: « Lucia, repas, 3 et 5/11/2026 »."""
    said = []
    for note in notes:
        product = offer.product_by_pk.get(note[2])
        parts = (
            children.get(note[1], ""),
            product.name.lower() if product else "",
            wording.days_in_short(days_of([note])),
        )
        said.append(", ".join(part for part in parts if part))
    return " · ".join(said)


def said_of(notes: list[list[Any]], offer: Offer) -> list[dict[str, str]]:
    """Will say each trouble of these notes once: its name, of whom and of which days, what to do."""
    keys = {note[1] for note in notes if note[1]}
    children: dict[int, str] = dict(Child.objects.filter(pk__in=keys).values_list("pk", "first_name")) if keys else {}
    met: dict[str, list[list[Any]]] = {}
    for note in notes:
        met.setdefault(note[0], []).append(note)
    return [
        {
            "title": wording.TROUBLES[Trouble(trouble)].title,
            "todo": wording.TROUBLES[Trouble(trouble)].todo,
            "what": what(each, children, offer),
        }
        for trouble, each in met.items()
    ]


def _list(request: HttpRequest, run: BillingRun, visit: OfficeVisit) -> dict[str, Any]:
    sift, sort = request.GET.get("voir", ""), request.GET.get("tri", "")
    search = request.GET.get("nom", "")[:LONGEST_SEARCH].strip()
    drafts = drafts_of(run)
    counts = counted(drafts)
    is_known = sift in set(Sift) or sift in set(Trouble)
    sift = sift if is_known else Sift.ALL.value
    sort = sort if sort in SORTS else "nom"
    rows: QuerySet[Invoice] = sifted(drafts, sift)
    if search:
        rows = rows.filter(
            Q(payer_name__icontains=search) | Q(number__icontains=search) | Q(family__code__icontains=search)
        )
    page = Paginator(rows.order_by(*SORTS[sort]), ON_A_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    issued = [one.pk for one in found if one.state == Invoice.State.ISSUED]
    left = left_of(issued) if issued else {}
    here = url_of(visit, "office_run", run=run.public_id)

    def link(**changed: str) -> str:
        asked = {
            "voir": "" if sift == Sift.ALL else sift,
            "nom": search,
            "tri": "" if sort == "nom" else sort,
            **changed,
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{here}{'?' if query else ''}{query}#brouillons"

    chips = [
        {
            "label": wording.SIFTS[one],
            "count": counts[one],
            "url": link(voir="" if one is Sift.ALL else one.value),
            "is_current": one == sift,
        }
        for one in Sift
        if counts[one] or one in {Sift.ALL, Sift(sift) if sift in set(Sift) else Sift.ALL}
    ]
    return {
        "drafts": [_draft(one, run, visit, left) for one in found],
        "page": page,
        "chips": chips,
        "only": wording.TROUBLES[Trouble(sift)].title if sift in set(Trouble) else "",
        "search": search,
        "kept": [(name, value) for name, value in (("voir", "" if sift == Sift.ALL else sift), ("tri", sort)) if value],
        "sorts": [
            {"label": label, "url": link(tri="" if key == "nom" else key), "is_current": sort == key}
            for key, label in (("nom", "Par nom"), ("montant", "Les plus élevées d’abord"))
        ],
        "previous_page": link(page=str(page.previous_page_number())) if page.has_previous() else "",
        "next_page": link(page=str(page.next_page_number())) if page.has_next() else "",
        "whole_url": link(voir="", nom=""),
    }


def _draft(one: Invoice, run: BillingRun, visit: OfficeVisit, left: dict[int, int]) -> dict[str, Any]:
    is_issued = one.state == Invoice.State.ISSUED
    family = one.family.public_id if one.family else ""
    previous: int | None = one.previous  # type: ignore[attr-defined]  # annotated by drafts_of
    return {
        "name": one.payer_name,
        "url": url_of(visit, "office_invoice", invoice=one.public_id)
        if is_issued
        else url_of(visit, "office_draft", run=run.public_id, family=family),
        "amount": in_euros(one.total_cents),
        "change": "" if is_issued else wording.change(one.total_cents, previous),
        "number": one.number,
        "left": in_euros(left[one.pk]) if left.get(one.pk, 0) > 0 else "",
        "is_issued": is_issued,
        "is_paper": one.delivery == "paper",
        "is_set_aside": one.state == Invoice.State.SET_ASIDE,
        "is_carried": is_to_wait(one, run),
        "is_credit": one.total_cents < 0,
        "troubles": [wording.TROUBLES[Trouble(each)].title for each in dict.fromkeys(note[0] for note in one.notes)],
    }
