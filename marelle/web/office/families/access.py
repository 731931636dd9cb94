"""A guardian's access is removed, after a look at what it ends; shown from then on, and given back."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.accounts.queries import agent_names
from marelle.domain.families.models import AccessRemoval, Guardian
from marelle.domain.families.operations.removals import UnableToRemoveError, UnableToRestoreError, restore_access
from marelle.domain.families.queries.removals import standing_removal
from marelle.domain.families.rules.phone_numbers import read_phone
from marelle.domain.families.rules.removals import addresses_of_removed
from marelle.domain.procedures.operations.shutting_out import remove_access
from marelle.domain.procedures.queries.shutting_out import removing
from marelle.foundation import clock
from marelle.foundation.french_dates import hour, in_full
from marelle.web.office.families import access_wording as wording
from marelle.web.office.families.finding import address_of
from marelle.web.office.families.views import family_or_404
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of, whole_authority_page
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Family
    from marelle.domain.procedures.queries.shutting_out import Removing
    from marelle.web.doors import OfficeVisit


class RemoveAccessForm(forms.Form):
    """Why, and what the family is written to by instead of what is hers."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label="Motif",
        choices=AccessRemoval.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    words = forms.CharField(
        label="Précisions",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        error_messages={"max_length": wording.TOO_LONG},
    )

    def __init__(self, data: Any = None, *, hers: Collection[str], known: Any) -> None:
        """Will ask for what replaces each of the family's addresses that is hers (names of fields).

        `known` tells of addresses of the family, by name, which of them are hers.
        """
        super().__init__(data, auto_id="retirer-%s")
        self._known = known
        for name in hers:
            self.fields[name] = (
                forms.EmailField(
                    label=wording.ADDRESSES[name],
                    required=False,
                    max_length=254,
                    error_messages={"invalid": wording.BAD_ADDRESS, "max_length": wording.BAD_ADDRESS},
                )
                if name == "email"
                else forms.CharField(label=wording.ADDRESSES[name], required=False, max_length=40)
            )
        self.hers = tuple(hers)
        self.fields["is_sure"] = forms.BooleanField(
            label="J’ai vérifié la personne et le dossier", error_messages={"required": wording.TO_CHECK}
        )

    def clean(self) -> dict[str, Any]:
        """Will write numbers as people read them, and refuse what is hers again."""
        said = self.cleaned_data
        for name in self.hers:
            given = said.get(name, "")
            if given and name != "email":
                said[name] = read_phone(given)
                if not said[name]:
                    self.add_error(name, wording.BAD_PHONE)
        typed = {name: said.get(name, "") for name in ("email", "phone", "other_phone")}
        for name in self._known(typed):
            self.add_error(name, wording.STILL_HERS)
        return said

    @property
    def addresses(self) -> dict[str, str]:
        """Will return what replaces each of them, empty for nothing."""
        return {name: self.cleaned_data[name] for name in self.hers}


@require_http_methods(["GET", "HEAD", "POST"])
@whole_authority_page(ROLES.MANAGE_RESERVATIONS)
def access(request: HttpRequest, family: str, guardian: str) -> HttpResponse:
    """Will show what removing a guardian's access would do, or that it is removed and why; a POST removes it."""
    visit = visit_of(request)
    home = family_or_404(request, family)
    person = _guardian_or_404(home, guardian)
    standing = standing_removal(person.pk)
    if standing is not None:
        if request.method == "POST":
            messages.warning(request, wording.ALREADY_REMOVED, extra_tags="amber")
            return SeeOther(_url(visit, "office_access", home, person))
        return _removed(request, home, person, standing)
    found = removing(person, on=visit.today)
    emails = {person.email, *(one.user.email for one in found.memberships)}

    def known(said: dict[str, str]) -> tuple[str, ...]:
        return addresses_of_removed(said, emails=emails, phones=[person.phone])

    form = RemoveAccessForm(request.POST if request.method == "POST" else None, hers=found.addresses, known=known)
    if request.method != "POST":
        return _preview(request, home, person, found, form)
    if not form.is_valid():
        return _preview(request, home, person, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        remove_access(
            person,
            kind=form.cleaned_data["kind"],
            words=form.cleaned_data["words"],
            addresses=form.addresses,
            by=visit.actor,
            at=visit.at,
            machine=clock.machine_now(),
        )
    except UnableToRemoveError:
        messages.warning(request, wording.ALREADY_REMOVED, extra_tags="amber")
    else:
        messages.success(request, wording.removed(_name(person)), extra_tags="green")
    return SeeOther(address_of(visit, "office_family", home))


@require_POST
@whole_authority_page(ROLES.MANAGE_RESERVATIONS)
def restore(request: HttpRequest, family: str, guardian: str) -> HttpResponse:
    """Will give a guardian's access back."""
    visit = visit_of(request)
    home = family_or_404(request, family)
    person = _guardian_or_404(home, guardian)
    standing = standing_removal(person.pk)
    try:
        count = restore_access(standing, by=visit.actor, at=clock.machine_now()) if standing is not None else None
    except UnableToRestoreError:
        count = None
    if count is None:
        messages.warning(request, wording.ALREADY_RESTORED, extra_tags="amber")
    else:
        messages.success(request, wording.restored(_name(person), count), extra_tags="green")
    return SeeOther(address_of(visit, "office_family", home))


def _preview(
    request: HttpRequest,
    home: Family,
    person: Guardian,
    found: Removing,
    form: RemoveAccessForm,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    context = office_context(
        visit,
        "office_families",
        name=_name(person),
        family=home,
        form=form,
        ends=wording.ends(found, home.name),
        stays=wording.stays(found),
        others=wording.others(found),
        is_nobody_left=not found.others,
        sharing=wording.sharing(found),
        elsewhere=wording.elsewhere(found),
        addresses=[(form[name], getattr(home, name)) for name in found.addresses],
        back_url=address_of(visit, "office_family", home),
    )
    return render(request, "office/families/access.html", context, status=status)


def _removed(request: HttpRequest, home: Family, person: Guardian, removal: AccessRemoval) -> HttpResponse:
    visit = visit_of(request)
    since = removal.removed_at.astimezone(visit.authority.zone)
    who = agent_names([removal.removed_by_id or 0]).get(removal.removed_by_id or 0, "")
    accounts = [one.user.email for one in removal.memberships.all() if one.user and one.user.is_active]
    context = office_context(
        visit,
        "office_families",
        name=_name(person),
        family=home,
        removal=removal,
        since=f"{in_full(since.date(), year=True)}, {hour(since)}",
        who=who,
        accounts=accounts,
        restore_url=_url(visit, "office_restore_access", home, person),
        back_url=address_of(visit, "office_family", home),
    )
    return render(request, "office/families/access_removed.html", context)


def _guardian_or_404(home: Family, public_id: str) -> Guardian:
    rows = Guardian.objects.filter(family=home, merged_into__isnull=True).select_related("family")
    return get_object_or_404(rows, public_id=public_id)


def _url(visit: OfficeVisit, name: str, home: Family, person: Guardian) -> str:
    return url_of(visit, name, family=home.public_id, guardian=person.public_id)


def _name(person: Guardian) -> str:
    return f"{person.first_name} {person.last_name}"
