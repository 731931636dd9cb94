"""What the pages of merging two accounts say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.payments.rules.merging import Obstacle

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

    from marelle.domain.accounts.models import Identity
    from marelle.domain.payments.queries.merging import Holding
    from marelle.domain.payments.rules.merging import Against

OTHER_ADDRESS: Final = "Adresse e-mail de l’autre compte"
OTHER_ADDRESS_HINT: Final = "Celle avec laquelle vous vous connectez à l’autre compte."
OTHER_PASSWORD: Final = "Mot de passe de l’autre compte"  # noqa: S105  a label
BAD_ADDRESS: Final = "Écrivez une adresse e-mail, par exemple nom@exemple.fr."
NO_PASSWORD: Final = "Écrivez le mot de passe de l’autre compte : il prouve qu’il est à vous."  # noqa: S105  a sentence
SAME: Final = "C’est l’adresse du compte où vous êtes : écrivez celle de l’autre."
UNKNOWN: Final = "Adresse ou mot de passe inconnus."
TOO_MANY: Final = "Trop d’essais à la suite. Attendez un peu, puis recommencez."
BAD_PASSKEY: Final = "Cette clé d’accès n’a pas été reconnue."
KEEP: Final = "Quelle adresse gardez-vous ?"
CHOOSE: Final = "Choisissez l’adresse que vous gardez."
SURE: Final = "J’ai lu ce qui passe et ce qui se perd ; je sais qu’on ne peut pas revenir en arrière"
NOT_SURE: Final = "Cochez la case pour continuer."
GONE: Final = "L’un des deux comptes vient d’être fermé, ou réuni à un autre : rien n’a été fait ici."
IDENTITIES: Final = {"franceconnect": "son lien avec FranceConnect", "proconnect": "son lien avec ProConnect"}
FACTORS: Final = {"totp": "son application de codes", "recovery_codes": "ses codes de secours"}
PAYING: Final = (
    "Un paiement est en cours",
    "Attendez qu’il se termine, ou abandonnez-le dans « Mes paiements », puis revenez.",
)


def done(address: str) -> str:
    """Will say that there is one account left, and its address."""
    return f"Vos deux comptes sont réunis. Désormais, connectez-vous avec {address}."


def moves(ended: Holding, kept: Holding) -> list[str]:
    """Will say, one by one, what goes from an account to the other."""
    own = {row.family_id for row in kept.memberships}
    at_work = {row.authority_id for row in kept.posts}
    return [
        *(
            f"la famille {row.family.name}, à {row.authority.name}, au nom de {_guardian(row)}"
            + (f" ; {_basket(ended.lines[row.family_id])}" if _goes_on(row.family_id, ended, kept) else "")
            for row in ended.memberships
            if row.family_id not in own
        ),
        *(
            f"le panier de la famille {row.family.name}, à {row.authority.name} : {_days(ended.lines[row.family_id])}"
            for row in ended.memberships
            if row.family_id in own and _goes_on(row.family_id, ended, kept)
        ),
        *(
            f"le poste d’agent à {post.authority.name}, avec ses droits"
            for post in ended.posts
            if post.authority_id not in at_work and post.is_active
        ),
        *(
            f"la demande de rattachement à {name}"
            for authority, name in ended.requests.items()
            if authority not in kept.requests
        ),
        *([_followed(ended.followed)] if ended.followed else []),
        *([_invoices(ended.hidden)] if ended.hidden else []),
    ]


def losses(
    ended: Holding,
    kept: Holding,
    address: str,
    factors: list[Authenticator],
    identities: list[Identity],
    *,
    has_change: bool,
) -> list[str]:
    """Will say, one by one, what is lost with the account of an address."""
    own = {row.family_id for row in kept.memberships}
    return [
        f"l’adresse {address} et son mot de passe",
        *(f"sa clé d’accès « {one.wrap().name} »" for one in factors if one.type == "webauthn"),
        *(FACTORS[one.type] for one in factors if one.type in FACTORS),
        *(IDENTITIES[one.provider] for one in identities),
        *(
            f"son panier de la famille {row.family.name} ({_days(ended.lines[row.family_id])}) : l’autre compte en a un"
            for row in ended.memberships
            if row.family_id in own and row.family_id in ended.lines and row.family_id in kept.lines
        ),
        *(
            f"sa demande de rattachement à {name} : l’autre compte en attend déjà une"
            for authority, name in ended.requests.items()
            if authority in kept.requests
        ),
        *(["le changement d’adresse qui attend"] if has_change else []),
    ]


def why_not(against: Against, ended: Holding) -> tuple[str, str]:
    """Will say what stands against it, and what to do."""
    match against.obstacle:
        case Obstacle.TWO_GUARDIANS:
            row = next(row for row in ended.memberships if row.family_id == against.where)
            return (
                f"Deux responsables de la famille {row.family.name}, à {row.authority.name}",
                (
                    "Un compte est celui d’une seule personne, et les vôtres sont ceux de deux responsables. C’est vous"
                    " les deux fois ? Demandez à la mairie de retirer l’accès en trop, puis revenez."
                ),
            )
        case Obstacle.REMOVED:
            return (
                "L’accès à un dossier a été retiré par la mairie",
                (
                    "L’un de ces comptes n’a plus accès à un dossier que l’autre voit : ils ne peuvent pas être réunis."
                    " Pour toute question, adressez-vous à la mairie, par téléphone ou à l’accueil."
                ),
            )
        case Obstacle.TWO_POSTS:
            return (
                f"Deux postes d’agent à {_place(against, ended)}",
                (
                    "Les droits de deux postes ne s’ajoutent pas. Demandez à qui administre le site d’en fermer un,"
                    " puis gardez ici l’adresse de l’autre."
                ),
            )
        case Obstacle.CLOSED_POST:
            return (
                f"Un poste d’agent fermé à {_place(against, ended)}",
                "Le compte de cette adresse y avait un poste, qui est fermé : celui de l’autre ne peut pas y passer.",
            )
    return PAYING


def _place(against: Against, ended: Holding) -> str:
    return next(post.authority.name for post in ended.posts if post.authority_id == against.where)


def _goes_on(family: int, ended: Holding, kept: Holding) -> bool:
    return family in ended.lines and family not in kept.lines


def _guardian(row: object) -> str:
    guardian = row.guardian  # type: ignore[attr-defined]  # a membership
    return f"{guardian.first_name} {guardian.last_name}"


def _basket(count: int) -> str:
    return f"son panier, {_days(count)}"


def _days(count: int) -> str:
    return "1 jour" if count == 1 else f"{count} jours"


def _invoices(count: int) -> str:
    return "la facture masquée de vos listes" if count == 1 else f"les {count} factures masquées de vos listes"


def _followed(count: int) -> str:
    return "la facture ajoutée à votre liste" if count == 1 else f"les {count} factures ajoutées à votre liste"
