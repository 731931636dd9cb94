"""The words of the screens of agents: posts, rights and how far they reach, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.accounts.models import Grant
from marelle.domain.accounts.rules.roles import POSTS, post_of
from marelle.foundation.french_dates import hour, in_digits, listed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from marelle.domain.accounts.rules.roles import Right

ONE_BY_ONE: Final = "choisis"
# Each choice: its value, its name, what it means.
POSTS_TOLD: Final = (
    *((post.code, post.name, f"{post.aim[:1].upper()}{post.aim[1:]}.") for post in POSTS),
    (ONE_BY_ONE, "Autre", "Des droits choisis un par un, plus bas."),
)
_MEANS: Final = {
    Grant.Role.VIEW_DAY: "Qui vient, les places, la cuisine.",
    Grant.Role.RECORD_ATTENDANCE: "La feuille de présence.",
    Grant.Role.READ_FAMILIES: "Les dossiers, sans rien y changer.",
    Grant.Role.MANAGE_RESERVATIONS: "Réserver, annuler, tenir les dossiers, ouvrir les accès.",
    Grant.Role.SEE_HEALTH: "Allergies, régimes et PAI, là où ses autres droits mènent. Chaque lecture est notée.",
    Grant.Role.SEE_QUOTIENT: "Ce qui dit les ressources du foyer. Chaque lecture est notée.",
    Grant.Role.MANAGE_BILLING: "Préparer, émettre, relancer ; encaisser aussi.",
    Grant.Role.HOLD_REGIE: "La caisse, les quittances, les versements.",
    Grant.Role.PUBLISH: "Actualités, menus, documents, messages.",
    Grant.Role.ADMINISTER: "Les réglages et les agents ; ni la santé ni le quotient.",
}
ROLES_TOLD: Final = tuple((role.value, str(role.label), means) for role, means in _MEANS.items())
NO_POST: Final = "Choisissez un poste, ou « Autre »."
NO_ROLE: Final = "Cochez au moins un droit."
NO_NAME: Final = "Donnez le prénom et le nom."
BAD_EMAIL: Final = "Vérifiez cette adresse : il manque peut-être l’arobase (@) ou la fin."
ALREADY: Final = "Cette adresse est déjà celle d’un agent : changez ses droits sur sa page."
LAST: Final = "Plus personne n’administrerait la collectivité. Nommez d’abord une autre personne, puis recommencez."
ENDED: Final = "Ce poste est terminé : nommez de nouveau cette personne, avec ses droits."
UNCHANGED: Final = "Rien n’a changé."
EVERYWHERE: Final = "toute la collectivité"


def rights_in_words(
    rights: Collection[Right], *, facilities: Mapping[int, str], services: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Will say rights as people do: a post, or its rights one by one; then where, or for which service."""
    by_place: dict[tuple[int, str], set[str]] = {}
    for one in sorted(rights):
        by_place.setdefault((one.facility, one.service), set()).add(one.role)
    places: dict[frozenset[str], list[str]] = {}
    for (facility, service), roles in by_place.items():
        where = [facilities.get(facility, "un lieu supprimé")] if facility else []
        where += [services.get(service, service)] if service else []
        places.setdefault(frozenset(roles), []).append(", ".join(where) or EVERYWHERE)
    return [(named(roles), listed(where)) for roles, where in places.items()]


def named(roles: Collection[str]) -> str:
    """Will name the post that these roles make, else each of them."""
    post = post_of(roles)
    if post is not None:
        return post.name
    labels = [str(role.label) for role in Grant.Role if role.value in roles]
    return ", ".join([*labels[:1], *(f"{one[:1].lower()}{one[1:]}" for one in labels[1:])])


def seen(last: datetime | None, *, today: date) -> str:
    """Will say when an agent was last at work; `last` is local, None when it is not kept any more."""
    if last is None:
        return "Pas de visite récente"
    if last.date() == today:
        return f"Dernière visite aujourd’hui à {hour(last)}"
    return f"Dernière visite le {in_digits(last.date())}"


def appointed(name: str, email: str) -> str:
    """Will say that somebody was appointed."""
    return f"{name} a son poste. Un courriel part à {email} : il dit comment entrer."


def invited(email: str) -> str:
    """Will say that the letter leaves again."""
    return f"Le courriel part de nouveau à {email}."


def changed(name: str) -> str:
    """Will say that rights changed."""
    return f"Les droits de {name} sont enregistrés. Ils valent dès sa prochaine page."


def suspended(name: str) -> str:
    """Will say that somebody is shut out for a time."""
    return f"{name} n’entre plus, dès sa prochaine page. Ses droits sont gardés."


def restored(name: str) -> str:
    """Will say that somebody is back."""
    return f"{name} entre de nouveau, avec ses droits."


def ended(name: str) -> str:
    """Will say that a post is over."""
    return f"Le poste de {name} est terminé. Ce qui a été fait garde son nom."
