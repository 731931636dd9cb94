"""A family comes to the counter: one screen, one write; who looks like it is shown first."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from marelle.domain.families.queries.doubles import homes_like
from marelle.domain.families.queries.removals import who_of
from marelle.domain.families.rules.likeness import Likeness
from marelle.domain.families.rules.registering import MOST_CHILDREN
from marelle.domain.families.rules.removals import Newcomer
from marelle.domain.reservations.operations.registering import (
    UnableToRegisterError,
    WayIn,
    WaysIn,
    register_family,
)
from marelle.domain.reservations.queries.enrolling import classes_to_choose, enrollables
from marelle.domain.reservations.queries.families import families_within
from marelle.foundation import clock
from marelle.web.doors import office_page
from marelle.web.office.registering import wording
from marelle.web.office.registering.forms import NEW, RegisterForm, empty, rows_asked
from marelle.web.office.surroundings import ROLES, office_context, reach
from marelle.web.office.ways_in.wording import codes_made, links_sent
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Family
    from marelle.domain.families.queries.doubles import HomeLike
    from marelle.domain.families.rules.registering import NewHome
    from marelle.domain.reservations.operations.registering import Registered
    from marelle.domain.reservations.queries.reach import Reach
    from marelle.web.doors import OfficeVisit

MANY: Final = "_activities"


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.MANAGE_RESERVATIONS)
def register(request: HttpRequest) -> HttpResponse:
    """Will show the form; a POST registers the family, or adds a row for a child and writes nothing."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    within = reach(visit, ROLES.MANAGE_RESERVATIONS)
    offered = _offered(visit, within, rows_asked(request.POST))
    if request.method != "POST":
        return _show(request, RegisterForm(initial=empty(), **offered))
    if "more" in request.POST:
        return _show(request, RegisterForm(initial=_as_typed(request), **offered))
    form = RegisterForm(request.POST, **offered)
    home = form.home if form.is_valid() else None
    if home is None:
        return _show(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    like, is_like_elsewhere = _like(home, visit, within)
    if like or is_like_elsewhere:
        doubles = [(one.family.public_id, wording.same_family(one.family)) for one in like]
        form = RegisterForm(request.POST, doubles=doubles, **offered)
        if not form.is_valid():
            return _show(
                request,
                form,
                like=like,
                is_like_elsewhere=is_like_elsewhere,
                kept_out=_kept_out(home, like, visit),
                status=HTTPStatus.CONFLICT,
            )
    chosen = form.cleaned_data.get("double", NEW)
    into = next((one.family for one in like if one.family.public_id == chosen), None)
    if into is None and not within.is_whole and not any(child.activities for child in home.children):
        form.add_error(f"c{form.children[0]}_activities", wording.OUT_OF_REACH)
        return _show(request, form, like=like, is_like_elsewhere=is_like_elsewhere, status=HTTPStatus.CONFLICT)
    return _register(request, form, home, into, like=like, is_like_elsewhere=is_like_elsewhere)


def _register(
    request: HttpRequest,
    form: RegisterForm,
    home: NewHome,
    into: Family | None,
    *,
    like: Sequence[HomeLike],
    is_like_elsewhere: bool,
) -> HttpResponse:
    """Will write, then show the family; or its letters, when a code is to be printed."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    way = WayIn(form.cleaned_data["way_in"])
    ways_in = WaysIn(way, settings.INVITATION_DAYS, settings.CODE_DAYS, clock.machine_now())
    try:
        done = register_family(
            visit.authority,
            home,
            key=form.cleaned_data["key"],
            ways_in=ways_in,
            into=into,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToRegisterError as error:
        form.add_error(f"c{form.children[error.child]}_activities", str(error.why))
        return _show(request, form, like=like, is_like_elsewhere=is_like_elsewhere, status=HTTPStatus.CONFLICT)
    _say(request, done, way, is_new=into is None)
    if into is None and any(how is Likeness.SAME for one in like for _child, how in one.children):
        messages.warning(request, wording.TWO_HOMES, extra_tags="amber")
    if done.invited is not None and done.invited.count and way is WayIn.CODE_ON_PAPER:
        return SeeOther(f"{_url(visit, 'office_ways_in')}?famille={done.family.public_id}")
    return SeeOther(_url(visit, "office_family", family=done.family.public_id))


def _say(request: HttpRequest, done: Registered, way: WayIn, *, is_new: bool) -> None:
    words = wording.DONE if is_new else wording.COMPLETED
    sent = wording.LATER
    if done.invited is not None:
        sent = (
            links_sent(done.invited)
            if way is WayIn.LINK
            else codes_made(done.invited, is_mail=way is WayIn.CODE_BY_MAIL)
        )
    messages.success(
        request, f"{words.format(name=done.family.name, code=done.family.code)} {sent}", extra_tags="green"
    )


def _like(home: NewHome, visit: OfficeVisit, within: Reach) -> tuple[list[HomeLike], bool]:
    """Will return who looks like it and may be opened by the agent; and whether there are others, whom she may not."""
    found = homes_like(home, authority=visit.authority.pk)
    if not found:
        return [], False
    keys = [one.family.pk for one in found]
    seen = set(families_within(within).filter(pk__in=keys).values_list("pk", flat=True))
    like = [one for one in found if one.family.pk in seen]
    return like, len(like) < len(found)


def _kept_out(home: NewHome, like: Sequence[HomeLike], visit: OfficeVisit) -> list[str]:
    """Will say who is registered though her access to a file that is alike is removed."""
    people = [Newcomer(one.first_name, one.last_name, one.email, one.phone) for one in home.guardians]
    found = who_of([one.family.pk for one in like], people, authority=visit.authority.pk, on=visit.today)
    return [wording.kept_out(who.name, one.family) for one in like for who in found.get(one.family.pk, ())]


def _offered(visit: OfficeVisit, within: Reach, rows: int) -> dict[str, Any]:
    """Will return what the form offers: the classes, the activities within the agent's reach."""
    classes = classes_to_choose()
    schools = {one.facility for one in classes}
    return {
        "rows": rows,
        "classes": classes,
        "offered": enrollables(within.activity_keys, schools=schools, on=visit.today),
        "on": visit.today,
    }


def _as_typed(request: HttpRequest) -> dict[str, Any]:
    """Will return what was typed so far, for the form that is shown again with one more child."""
    typed: dict[str, Any] = {
        name: request.POST.getlist(name) if name.endswith(MANY) else value for name, value in request.POST.items()
    }
    return {**typed, "is_resident": "is_resident" in request.POST}


def _show(
    request: HttpRequest,
    form: RegisterForm,
    *,
    like: Sequence[HomeLike] = (),
    is_like_elsewhere: bool = False,
    kept_out: Sequence[str] = (),
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    context = office_context(
        visit,
        "office_register",
        form=form,
        guardians=[
            {
                "title": words,
                "fields": [form[f"g{rank}_{column}"] for column in ("first_name", "last_name", "relation")],
                "reach": [form[f"g{rank}_{column}"] for column in ("phone", "email")],
            }
            for rank, words in enumerate(wording.GUARDIANS, start=1)
        ],
        children=[
            {
                "title": wording.child_title(rank, form.rows),
                "names": [form[f"c{rank}_{column}"] for column in ("first_name", "last_name")],
                "school": [form[f"c{rank}_{column}"] for column in ("birth_date", "class")],
                "activities": form[f"c{rank}_activities"],
            }
            for rank in range(1, form.rows + 1)
        ],
        may_add=form.rows < MOST_CHILDREN,
        relations=wording.RELATIONS,
        is_asking="double" in form.fields,
        like=[
            {
                "url": _url(visit, "office_family", family=one.family.public_id),
                "name": one.family.name,
                "code": one.family.code,
                "why": wording.why_like(one),
            }
            for one in like
        ],
        kept_out=kept_out,
        like_elsewhere=wording.LIKE_ELSEWHERE if is_like_elsewhere else "",
        families_url=_url(visit, "office_families"),
    )
    return render(request, "office/registering/page.html", context, status=status)


def _url(visit: OfficeVisit, name: str, **more: str) -> str:
    return reverse(name, kwargs={"authority": visit.authority.slug, **more})
