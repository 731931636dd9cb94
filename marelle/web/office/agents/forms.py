"""What an administrator writes of an agent: who, which post, how far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.accounts.rules.roles import post_named, rights_of
from marelle.web.office.agents import wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from marelle.domain.accounts.rules.roles import Right
    from marelle.domain.authorities.models import Facility

REPLACE, ADD = "replace", "add"
_CHOICE_ERRORS: Final = {"required": wording.NO_POST, "invalid_choice": wording.NO_POST}
_LISTED: Final = "Choisissez dans la liste."
_LIST_ERRORS: Final = {"invalid_choice": _LISTED, "invalid_list": _LISTED}


def _named(told: Iterable[tuple[str, str, str]]) -> list[tuple[str, str]]:
    return [(value, name) for value, name, _means in told]


class RightsForm(forms.Form):
    """A name, a post or rights one by one, and where they hold: nothing ticked is everywhere."""

    use_required_attribute = False

    name = forms.CharField(label="Prénom et nom", max_length=100, error_messages={"required": wording.NO_NAME})
    how = forms.ChoiceField(
        label="Ce que vous enregistrez",
        choices=[(REPLACE, "Remplace tous ses droits"), (ADD, "S’ajoute à ses droits")],
        widget=forms.RadioSelect,
        error_messages={"required": _LISTED, "invalid_choice": _LISTED},
    )
    post = forms.ChoiceField(
        label="Poste", choices=_named(wording.POSTS_TOLD), widget=forms.RadioSelect, error_messages=_CHOICE_ERRORS
    )
    roles = forms.MultipleChoiceField(
        label="Droits, un par un",
        choices=_named(wording.ROLES_TOLD),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=_LIST_ERRORS,
    )
    facilities = forms.MultipleChoiceField(
        label="Seulement dans ces lieux",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=_LIST_ERRORS,
    )
    services = forms.MultipleChoiceField(
        label="Seulement pour ces services",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=_LIST_ERRORS,
    )

    def __init__(
        self, *args: Any, facilities: Sequence[Facility], services: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        """Will offer these facilities, and these services (code, name)."""
        super().__init__(*args, **kwargs)
        self.places = {one.code: one.pk for one in facilities}
        for name, choices in (("facilities", [(one.code, one.name) for one in facilities]), ("services", services)):
            if choices:
                self.fields[name].choices = list(choices)  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Will ask for one right at least, when they are chosen one by one."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("post") == wording.ONE_BY_ONE and not said.get("roles") and "roles" not in self.errors:
            self.add_error("roles", wording.NO_ROLE)
        return said

    @property
    def posts(self) -> list[dict[str, object]]:
        """Will return the posts as they are drawn: value, name, hint, and whether it is the one."""
        return self._drawn("post", wording.POSTS_TOLD)

    @property
    def rights(self) -> list[dict[str, object]]:
        """Will return the rights one by one, as they are drawn."""
        return self._drawn("roles", wording.ROLES_TOLD)

    def _drawn(self, field: str, told: Iterable[tuple[str, str, str]]) -> list[dict[str, object]]:
        value = self[field].value() or ""
        chosen = {value} if isinstance(value, str) else set(value)
        return [{"value": code, "name": name, "hint": means, "is_chosen": code in chosen} for code, name, means in told]

    @property
    def asked(self) -> frozenset[Right]:
        """Will return the rights that a valid form asks for."""
        said = self.cleaned_data
        post = post_named(said["post"])
        places = [self.places[code] for code in said.get("facilities", ())]
        return rights_of(post.roles if post else said["roles"], places, said.get("services", ()))


class AppointForm(RightsForm):
    """A new agent."""

    email = forms.EmailField(
        label="Adresse e-mail",
        max_length=254,
        error_messages={"required": wording.BAD_EMAIL, "invalid": wording.BAD_EMAIL},
    )
    field_order = ("email", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Will ask for an address; there are no rights yet to add to."""
        super().__init__(*args, **kwargs)
        del self.fields["how"]


def initial_of(name: str, rights: Collection[Right], facilities: Sequence[Facility]) -> dict[str, Any]:
    """Will return how a form shows an agent; what it cannot show at once, rights that differ by place, is added to."""
    codes = {one.pk: one.code for one in facilities}
    roles = {one.role for one in rights}
    limited = [one for one in rights if not one.is_whole]
    places = sorted({one.facility for one in limited} - {0})
    services = sorted({one.service for one in limited} - {""})
    if rights and rights_of(roles, places, services) != frozenset(rights):
        return {"name": name, "how": ADD, "post": wording.ONE_BY_ONE}
    post = next((each for each, _name, _means in wording.POSTS_TOLD if _is(each, roles)), wording.ONE_BY_ONE)
    return {
        "name": name,
        "how": REPLACE,
        "post": post,
        "roles": sorted(roles) if post == wording.ONE_BY_ONE else [],
        "facilities": [codes[key] for key in places if key in codes],
        "services": services,
    }


def _is(code: str, roles: set[str]) -> bool:
    post = post_named(code)
    return post is not None and post.roles == roles
