"""The list of guardians by where they stand, and what is sent to those who are ticked, or to all."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.accounts.models import Identity, Site
from marelle.domain.accounts.operations.identities import unlink_identity
from marelle.domain.accounts.queries import accounts_tied_to
from marelle.domain.authorities.models import Authority, SchoolClass
from marelle.domain.families.models import Guardian, JoinRequest, MembershipCode
from marelle.domain.families.operations.joining import (
    correct_address,
    end_membership,
    invite,
    issue_codes,
    mark_returned,
    revoke_ways_in,
)
from marelle.domain.families.queries.joining import (
    WAYS,
    children_at_school,
    codes_to_print,
    guardians_by_way,
    in_class,
    way_in_rows,
)
from marelle.domain.families.rules.ways_in import Way
from marelle.domain.reservations.queries.families import families_within
from marelle.foundation import clock
from marelle.letters.code_documents import code_letters
from marelle.letters.documents.drawing import code_letters_pdf
from marelle.web.doors import office_page
from marelle.web.office.surroundings import ROLES, office_context, reach
from marelle.web.office.ways_in import wording
from marelle.web.office.ways_in.forms import AddressForm, FilterForm
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, QueryDict

    from marelle.domain.families.models import Family
    from marelle.web.doors import OfficeVisit

SHOWN = 50
AT_ONCE = 500
FIRST = "sans"
FILTERS = ("etat", "classe", "famille")
LONGEST_FILTER = 100


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
def show(request: HttpRequest) -> HttpResponse:
    """Will list the guardians, fifty at a time, each with her state."""
    return _page(request, request.GET)


def _page(
    request: HttpRequest,
    asked: QueryDict,
    *,
    addressing: tuple[int, AddressForm] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Will show the list as it was asked for, with the address (of a guardian's key) that was refused if one was."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    at = clock.machine_now()
    families = _families(visit)
    found = _chosen_guardians(families, asked, visit)
    total = found.count()
    page = _page_number(asked, total)
    guardians = list(found[(page - 1) * SHOWN : page * SHOWN])
    children = children_at_school({one.family_id for one in guardians}, on=visit.today)
    to_invite = guardians_by_way(families, "rien", at=at).exclude(email="").count()
    to_print = _of_family(codes_to_print(families, at=at), asked).count()
    rows = way_in_rows(guardians, at=at)
    tied = accounts_tied_to(
        Identity.Provider.FRANCECONNECT, [row.membership.user_id for row in rows if row.membership is not None]
    )
    shown = {"etat": "tous" if asked.get("famille") else FIRST, "classe": "", **asked.dict()}
    form = FilterForm(initial=shown, classes=_classes())
    context: dict[str, Any] = {
        "form": form,
        "family_filter": asked.get("famille", ""),
        "rows": [
            {
                "id": row.guardian.public_id,
                "name": f"{row.guardian.first_name} {row.guardian.last_name}",
                "email": row.guardian.email,
                "family": row.guardian.family.name,
                "family_url": _url(visit, "office_family", family=row.guardian.family.public_id),
                "children": ", ".join(
                    f"{child.first_name}{f' ({child.school_class.name})' if child.school_class else ''}"
                    for child in children.get(row.guardian.family_id, ())
                ),
                "tag": wording.way_tag(row, visit.authority.zone),
                "code": wording.code_words(row, visit.authority.zone),
                "is_member": row.way in {Way.MEMBER, Way.REMOVED},
                "address": _address_form(row.guardian, addressing),
                "is_wrong": addressing is not None and addressing[0] == row.guardian.pk,
                "address_url": _act(visit, "office_guardian_address", row.guardian),
                "returned_url": _act(visit, "office_mark_returned", row.guardian)
                if row.way in {Way.SENT, Way.OPENED, Way.SENDING, Way.NOT_SENT}
                else "",
                "revoke_url": _act(visit, "office_revoke_ways_in", row.guardian)
                if row.way not in {Way.MEMBER, Way.REMOVED} and (row.link or row.code)
                else "",
                "untie_url": _act(visit, "office_untie_franceconnect", row.guardian)
                if row.membership is not None and row.membership.user_id in tied
                else "",
                "end_url": _act(visit, "office_end_membership", row.guardian) if row.way is Way.MEMBER else "",
            }
            for row in rows
        ],
        "has_class": _class(asked) is not None,
        "total": total,
        "page": page,
        "pages": max(1, -(-total // SHOWN)),
        "previous_url": f"?{_kept(asked, page=page - 1)}" if page > 1 else "",
        "next_url": f"?{_kept(asked, page=page + 1)}" if page * SHOWN < total else "",
        "kept_fields": list(_kept_fields(asked).items()),
        "to_invite": to_invite,
        "to_print": to_print,
        "days": settings.INVITATION_DAYS,
        "waiting": waiting_requests(visit),
        "invite_url": _url(visit, "office_invite"),
        "codes_url": _url(visit, "office_issue_codes"),
        "letters_url": f"{_url(visit, 'office_code_letters')}?{_kept(asked)}",
        "requests_url": _url(visit, "office_join_requests") if _is_whole(visit) else "",
    }
    page_context = office_context(visit, "office_ways_in", **context)
    return render(request, "office/ways_in/page.html", page_context, status=status)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def send(request: HttpRequest) -> HttpResponse:
    """Will send a link to those who are ticked, again if they had one; or to all who have an address and had none."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    keys, is_everybody = _whom(request, visit)
    if keys is None:
        return _nothing_chosen(request, visit)
    done = invite(keys, days=settings.INVITATION_DAYS, again=not is_everybody, by=visit.actor, at=clock.machine_now())
    return _done(request, visit, wording.links_sent(done), is_good=done.count > 0)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def codes(request: HttpRequest) -> HttpResponse:
    """Will make a code for those who are ticked, or for all who have nothing yet; sent by mail, or to be printed."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    keys, _is_everybody = _whom(request, visit)
    if keys is None:
        return _nothing_chosen(request, visit)
    is_mail = request.POST.get("remise") == MembershipCode.Delivery.MAIL
    delivery = MembershipCode.Delivery.MAIL if is_mail else MembershipCode.Delivery.LETTER
    done = issue_codes(keys, delivery, days=settings.CODE_DAYS, by=visit.actor, at=clock.machine_now())
    return _done(request, visit, wording.codes_made(done, is_mail=is_mail), is_good=done.count > 0)


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
def letters(request: HttpRequest) -> HttpResponse:
    """Will hand over the letters of the codes that can still be typed, as often as asked: the codes stay the same."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    at = clock.machine_now()
    waiting = _of_family(codes_to_print(_families(visit), at=at), request.GET)
    classroom = _class(request.GET)
    if classroom is not None:
        everybody = Guardian.objects.filter(family__in=_families(visit).values("pk"))
        waiting = waiting.filter(guardian__in=in_class(everybody, classroom, on=visit.today).values("pk"))
    authority = Authority.objects.get(pk=visit.authority.pk)  # with its logo
    found = code_letters(waiting, authority, on=visit.today)
    if not found:
        messages.info(request, wording.NO_LETTER, extra_tags="blue")
        return SeeOther(_url(visit, "office_ways_in"))
    answer = HttpResponse(code_letters_pdf(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="codes-{visit.today.isoformat()}.pdf"'
    return answer


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def returned(request: HttpRequest, guardian: str) -> HttpResponse:
    """Will note that a letter came back."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    is_done = mark_returned(_guardian_or_404(visit, guardian), by=visit.actor, at=clock.machine_now())
    return _done(request, visit, wording.RETURNED if is_done else wording.NOTHING_WAITS, is_good=is_done)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def address(request: HttpRequest, guardian: str) -> HttpResponse:
    """Will write a guardian's address anew: a link sent to the one before opens nothing any more."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = _guardian_or_404(visit, guardian)
    form = AddressForm(request.POST, auto_id=f"adresse-{found.public_id}-%s")
    if not form.is_valid():
        return _page(request, request.POST, addressing=(found.pk, form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    correct_address(found, email=form.cleaned_data["email"], by=visit.actor, at=clock.machine_now())
    return _done(request, visit, wording.ADDRESS_CHANGED, is_good=True)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def revoke(request: HttpRequest, guardian: str) -> HttpResponse:
    """Will end the link and the code of a guardian."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    is_done = revoke_ways_in(_guardian_or_404(visit, guardian), by=visit.actor, at=clock.machine_now())
    return _done(request, visit, wording.REVOKED if is_done else wording.NOTHING_TO_REVOKE, is_good=is_done)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def untie(request: HttpRequest, guardian: str) -> HttpResponse:
    """Will untie a guardian's account from FranceConnect, whose name for her has changed; she ties it again herself."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    membership = _guardian_or_404(visit, guardian).memberships.order_by("pk").first()
    is_done = membership is not None and unlink_identity(
        membership.user_id,
        Identity.Provider.FRANCECONNECT,
        may_be_last=True,
        site=Site.OFFICE,
        device="",
        by=visit.actor,
        at=clock.machine_now(),
    )
    return _done(request, visit, wording.UNTIED if is_done else wording.NOT_TIED, is_good=is_done)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def end(request: HttpRequest, guardian: str) -> HttpResponse:
    """Will take the family away from the account of a guardian."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    membership = _guardian_or_404(visit, guardian).memberships.order_by("pk").first()
    is_done = membership is not None and end_membership(membership, by=visit.actor, at=clock.machine_now())
    return _done(request, visit, wording.ENDED if is_done else wording.ALREADY_ENDED, is_good=is_done)


def _address_form(guardian: Guardian, refused: tuple[int, AddressForm] | None) -> AddressForm:
    if refused is not None and refused[0] == guardian.pk:
        return refused[1]
    return AddressForm(initial={"email": guardian.email}, auto_id=f"adresse-{guardian.public_id}-%s")


def _families(visit: OfficeVisit) -> QuerySet[Family]:
    return families_within(reach(visit, ROLES.MANAGE_RESERVATIONS))


def _is_whole(visit: OfficeVisit) -> bool:
    return reach(visit, ROLES.MANAGE_RESERVATIONS).is_whole


def _guardian_or_404(visit: OfficeVisit, public_id: str) -> Guardian:
    return get_object_or_404(Guardian.objects.filter(family__in=_families(visit).values("pk")), public_id=public_id)


def _chosen_guardians(families: QuerySet[Family], asked: QueryDict, visit: OfficeVisit) -> QuerySet[Guardian]:
    family = asked.get("famille", "")
    if family:
        families = families.filter(public_id=family)
    way = asked.get("etat", "tous" if family else FIRST)
    found = guardians_by_way(families, way if way in WAYS else FIRST, at=clock.machine_now())
    classroom = _class(asked)
    return found if classroom is None else in_class(found, classroom, on=visit.today)


def _classes() -> list[tuple[str, str]]:
    """Will return the classes as they are chosen: by their school's code and their own, which no other pair has."""
    rows = SchoolClass.objects.select_related("facility").order_by("facility__name", "position", "name", "pk")
    return [(f"{row.facility.code}/{row.code}", f"{row.facility.name}, {row.name}") for row in rows]


def _class(asked: QueryDict) -> int | None:
    """Will return the class (key) that was asked for, None for any; one that is not there is any too."""
    school, _slash, code = asked.get("classe", "").partition("/")
    return SchoolClass.objects.filter(facility__code=school, code=code).values_list("pk", flat=True).first()


def _of_family(codes: QuerySet[MembershipCode], asked: QueryDict) -> QuerySet[MembershipCode]:
    """Will keep the codes of the family that was asked for, if one was."""
    family = asked.get("famille", "")
    return codes.filter(family__public_id=family) if family else codes


def _page_number(asked: QueryDict, total: int) -> int:
    text = asked.get("page", "1")
    last = max(1, -(-total // SHOWN))
    return min(max(int(text), 1), last) if text.isascii() and text.isdigit() and len(text) < 7 else 1  # noqa: PLR2004


def _kept_fields(asked: QueryDict) -> dict[str, str]:
    """Will return what the list is looked at by; nothing that no page of ours could have said."""
    return {name: str(asked[name]) for name in FILTERS if 0 < len(asked.get(name, "")) <= LONGEST_FILTER}


def _kept(asked: QueryDict, **more: Any) -> str:
    return urlencode(_kept_fields(asked) | more)


def _whom(request: HttpRequest, visit: OfficeVisit) -> tuple[list[int] | None, bool]:
    """Will return the guardians (keys) who are meant, None when nobody is, and whether it is everybody."""
    if request.POST.get("tous") == "1":
        found = guardians_by_way(_families(visit), "rien", at=clock.machine_now())
        return list(found.values_list("pk", flat=True)), True
    ticked = request.POST.getlist("guardian")[:AT_ONCE]
    people = Guardian.objects.filter(family__in=_families(visit).values("pk"), public_id__in=ticked)
    return list(people.values_list("pk", flat=True)) or None, False


def _nothing_chosen(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    return _done(request, visit, wording.NOTHING_CHOSEN, is_good=False)


def _done(request: HttpRequest, visit: OfficeVisit, words: str, *, is_good: bool) -> HttpResponse:
    """Will say what was done, and go back to the list as it was looked at."""
    (messages.success if is_good else messages.warning)(request, words, extra_tags="green" if is_good else "amber")
    query = _kept(request.POST)
    return SeeOther(_url(visit, "office_ways_in") + (f"?{query}" if query else ""))


def _act(visit: OfficeVisit, name: str, guardian: Guardian) -> str:
    return _url(visit, name, guardian=guardian.public_id)


def _url(visit: OfficeVisit, name: str, **parts: str) -> str:
    return reverse(name, kwargs={"authority": visit.authority.slug, **parts})


def waiting_requests(visit: OfficeVisit) -> int:
    """Will return how many requests wait for an answer that this agent may give."""
    return JoinRequest.objects.filter(state=JoinRequest.State.WAITING).count() if _is_whole(visit) else 0
