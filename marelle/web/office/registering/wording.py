"""The words of the registration of a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.families.rules.likeness import Likeness
from marelle.domain.reservations.operations.registering import WayIn
from marelle.foundation.french_dates import in_digits, listed

if TYPE_CHECKING:
    from marelle.domain.families.models import Family
    from marelle.domain.families.queries.doubles import HomeLike

GUARDIANS = ("Responsable", "Autre responsable, s’il y en a un")
RELATIONS = ("Mère", "Père", "Tutrice ou tuteur", "Autre")
WAYS_IN = {
    WayIn.LINK: "Un lien par e-mail, pour choisir un mot de passe",
    WayIn.CODE_BY_MAIL: "Un code par e-mail, pour qui a déjà un compte",
    WayIn.CODE_ON_PAPER: "Un code sur papier, à imprimer maintenant",
    WayIn.LATER: "Plus tard",
}
CHOOSE_WAY = "Choisissez comment la famille ouvrira son compte."
CHOOSE_CLASS = "Choisissez une classe de la liste."
CHOOSE_ACTIVITY = "Choisissez des activités de la liste."
CLASS_NEEDED = "Choisissez sa classe : ces activités sont celles de son école."
NOT_AT_SCHOOL = "Son école ne propose pas : {names}. Décochez, ou changez de classe."
NO_ADDRESS = "Écrivez l’adresse e-mail d’un responsable, ou choisissez un code sur papier."
OUT_OF_REACH = "Inscrivez au moins un enfant à une activité dont vous avez la charge : vous ne verriez pas ce dossier."
CHOOSE_DOUBLE = "Choisissez : la même famille, ou un nouveau dossier."
LIKE_ELSEWHERE = (
    "Une famille semblable a déjà un dossier, dont vous n’avez pas la charge. Appelez le service des familles avant"
    " d’en ouvrir un autre."
)
NEW_FILE = "Ce n’est aucune d’elles : ouvrir un nouveau dossier"
LIKENESS = {Likeness.SAME: "même enfant", Likeness.CLOSE: "enfant très proche"}
DONE = "La famille {name} est inscrite, dossier {code}."
COMPLETED = "Le dossier de la famille {name} est complété."
TWO_HOMES = (
    "Un de ces enfants a déjà une fiche dans un autre dossier. S’il vit dans deux foyers, réunissez ses fiches par"
    " « Réunir avec un autre dossier » : sa garde se règle ensuite."
)
LATER = "Pour lui ouvrir un compte : « Comptes, liens et codes »."


def child_title(rank: int, count: int) -> str:
    """Will write « Enfant », or « Enfant 2 » among several."""
    return "Enfant" if count == 1 else f"Enfant {rank}"


def same_family(family: Family) -> str:
    """Will write « C’est la même famille : compléter le dossier de Le Goff (F-0042) »."""
    return f"C’est la même famille : compléter le dossier de {family.name} ({family.code})"


def kept_out(person: str, family: Family) -> str:
    """Will say that somebody who is registered is kept out of a file that is alike."""
    return (
        f"L’accès de {person} au dossier de {family.name} ({family.code}) est retiré. Ne lui ouvrez pas un autre"
        " dossier des mêmes enfants sans avoir vérifié."
    )


def why_like(one: HomeLike) -> str:
    """Will say why a family may be the same: « même enfant : Zoé Le Goff, né le 09/04/2017 ; même e-mail »."""
    children = [f"{LIKENESS[how]} : {child.full_name}, {in_digits(child.birth_date)}" for child, how in one.children]
    if one.has_the_email:
        children.append("même adresse e-mail")
    if one.has_the_phone:
        children.append("même téléphone")
    return listed(children)
