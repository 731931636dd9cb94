"""Which family an address is about: `/f-<family>/…` on the families' site, only where an authority knows several.

The family is taken off the front of the address and becomes Django's script prefix: every address that is written
while the request is answered keeps it, and two tabs never mix. Who may is asked by the doors (decision 18).
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from django.http import Http404, HttpResponseRedirect
from django.urls import get_script_prefix, reverse, set_script_prefix
from django.utils.http import escape_leading_slashes

from marelle.domain.families.queries import memberships_of
from marelle.foundation import tenancy
from marelle.foundation.public_ids import ALPHABET, LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Family, Membership

FAMILY_SITE = "marelle.config.urls_family"
FAMILY = re.compile(rf"/f-(?P<family>[{ALPHABET}]{{{LENGTH}}})(?=/(?P<authority>[^/]*))")


class Named(NamedTuple):
    """What the address of the request says: a family, the authority it is at, and the script prefix without it."""

    family: str
    authority: str
    outside: str


_named: ContextVar[Named | None] = ContextVar("family_of_the_address", default=None)


class FamilyInAddress:
    """Takes the family off the address; `request.family_named` is its public id, empty without one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Will wrap the views; comes after the choice of the site."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer under the prefix of the family."""
        found = FAMILY.match(request.path_info) if getattr(request, "site", "") == "family" else None
        request.family_named = found["family"] if found else ""  # type: ignore[attr-defined]
        if found is None:
            return self.get_response(request)
        request.path_info = request.path_info[found.end() :]
        outside = get_script_prefix()
        token = _named.set(Named(found["family"], found["authority"], outside))
        set_script_prefix(f"{outside}f-{found['family']}/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(outside)
            _named.reset(token)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Will lead what is about no family to its only address; a form that was sent there is answered all the same.

        Raises Http404 for who cashes money: its addresses never name a family.
        """
        named = _named.get()
        if named is None or getattr(view, "may_name_a_family", False):
            return None
        if getattr(view, "door", "") == "provider":
            raise Http404
        if request.method in {"GET", "HEAD"}:
            return HttpResponseRedirect(without_family(request))
        set_script_prefix(named.outside)
        return None


def without_family(request: HttpRequest) -> str:
    """Will return the address of the request, less the family that it names."""
    outside = named.outside if (named := _named.get()) is not None else get_script_prefix()
    path = escape_leading_slashes(outside.removesuffix("/") + request.path_info)
    query = request.META.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


@contextmanager
def outside_families() -> Iterator[None]:
    """Will let addresses written inside name no family."""
    kept = get_script_prefix()
    named = _named.get()
    set_script_prefix(named.outside if named is not None else kept)
    try:
        yield
    finally:
        set_script_prefix(kept)


def address_of_all(name: str, *args: Any, urlconf: str | None = None) -> str:
    """Will return an address that is about no family in particular, whichever the request names."""
    with outside_families():
        return reverse(name, urlconf, args=args)


def address_at(name: str, authority: str, *args: Any) -> str:
    """Will return an address at `authority` (slug): the family that the request names is kept there, and only there."""
    named = _named.get()
    if named is None or named.authority == authority:
        return reverse(name, args=[authority, *args])
    return address_of_all(name, authority, *args)


def address_for(
    name: str, place: Membership, places: Iterable[Membership], *args: Any, urlconf: str | None = None
) -> str:
    """Will return an address for one of the `places` of an account, which names the family where there are several."""
    path = address_of_all(name, place.authority.slug, *args, urlconf=urlconf)
    return _naming(path, place.family) if is_one_of_several(place, places) else path


def family_address(name: str, user: int | None, family: Family, *args: Any) -> str:
    """Will return an address of the families' site for an account (key) and one of its families; one statement."""
    with tenancy.every_authority():
        places = list(memberships_of(user)) if user is not None else []
    place = next((one for one in places if one.family_id == family.pk), None)
    authority = place.authority if place is not None else family.authority
    path = address_of_all(name, authority.slug, *args, urlconf=FAMILY_SITE)
    return _naming(path, family) if place is not None and is_one_of_several(place, places) else path


def is_one_of_several(place: Membership, places: Iterable[Membership]) -> bool:
    """Will tell whether the account has another family at the same authority."""
    return any(one.authority_id == place.authority_id and one.pk != place.pk for one in places)


def place_named(places: Sequence[Membership], authority: str, family: str) -> Membership | None:
    """Will return what an account belongs to at `authority` (slug): `family` (public id), else what it joined first.

    None when it does not belong there: the address may be of another account, or of nothing.
    """
    here = [one for one in places if one.authority.slug == authority]
    if family:
        return next((one for one in here if one.family.public_id == family), None)
    # The order of names would change what an address means on the day when another family is joined.
    return min(here, key=lambda one: (one.joined_at, one.pk), default=None)


def _naming(path: str, family: Family) -> str:
    outside = named.outside if (named := _named.get()) is not None else get_script_prefix()
    return f"{outside}f-{family.public_id}/{path.removeprefix(outside)}"
