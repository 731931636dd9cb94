"""What is said of FranceConnect and ProConnect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.families.quotient_source import Trouble
from marelle.domain.families.rules.quotients import in_words
from marelle.foundation.french_dates import in_digits

if TYPE_CHECKING:
    from marelle.domain.families.models import FamilyQuotient

LINKED = "{title} est relié à votre compte. Un courriel vous le confirme."
UNLINKED = "{title} n’ouvre plus votre compte. Un courriel vous le confirme."
ALREADY_UNLINKED = "{title} n’était plus relié à votre compte."
LAST_WAY_IN = (
    "{title} est la seule façon d’ouvrir votre compte. Choisissez d’abord un mot de passe, ou ajoutez une clé d’accès."
)
TAKEN = (
    "Cette identité {title} ouvre déjà un autre compte. Connectez-vous avec {title} pour le retrouver, ou demandez à"
    " votre mairie de la détacher."
)
HAS_ANOTHER = (
    "Votre compte est déjà relié à une autre identité {title}. Détachez-la d’abord, ou demandez à votre mairie de le"
    " faire."
)
UNKNOWN_AGENT = (
    "ProConnect vous a identifié, mais aucun compte d’agent n’a cette adresse dans une collectivité de ce SIRET."
    " Demandez à la personne qui administre Marelle chez vous d’ouvrir votre compte."
)
ANOTHER_AGENT = (
    "Votre compte d’agent est relié à une autre identité ProConnect. Demandez à la personne qui administre Marelle chez"
    " vous de la détacher."
)
NOT_YOURS = "Ce n’est pas l’identité FranceConnect reliée à votre compte : le quotient n’a pas été demandé."
NO_QUOTIENT = "Non renseigné"
PROVIDERS = {"CNAF": "la CAF", "MSA": "la MSA"}
ONE_OF_THEM = "la CAF ou la MSA"
NOT_BELIEVED = "La valeur reçue ne peut pas être enregistrée telle quelle. Parlez-en à votre mairie."
NOTHING_CHANGED = "Rien n’a été enregistré."
LATER = "La CAF ou la MSA ne répond pas pour le moment. Réessayez dans quelques minutes."
NOT_ALLOWED = "Votre mairie n’a pas l’autorisation de demander ce quotient ainsi. Donnez-lui une attestation de la CAF."
TROUBLES = {
    Trouble.NOT_FOUND: (
        "La CAF et la MSA n’ont pas de dossier à votre nom. L’autre parent est peut-être l’allocataire : qu’il le"
        " demande avec son propre compte, ou donnez une attestation à votre mairie."
    ),
    Trouble.WRONG_IDENTITY: LATER,
    Trouble.NO_RECIPIENT: NOT_ALLOWED,
    Trouble.NOT_ALLOWED: NOT_ALLOWED,
    Trouble.ALREADY_ASKED: "La même demande est déjà en cours. Attendez une minute, puis recommencez.",
    Trouble.TOO_MANY: "Trop de demandes viennent d’être faites. Attendez une minute, puis recommencez.",
    Trouble.UNAVAILABLE: LATER,
    Trouble.UNREACHABLE: LATER,
    Trouble.UNREADABLE: LATER,
    Trouble.NO_QUOTIENT: (
        "Votre dossier est trouvé, mais il ne donne pas de quotient familial. Voyez avec votre CAF ou votre MSA, ou"
        " donnez une attestation à votre mairie."
    ),
}


def trouble(found: Trouble) -> str:
    """Will say to a family why there is no quotient, and that nothing was written."""
    return f"{TROUBLES[found]} {NOTHING_CHANGED}"


def given_by(provider: str) -> str:
    """Will name who computed a quotient."""
    return PROVIDERS.get(provider, ONE_OF_THEM)


def recorded(quotient: FamilyQuotient) -> str:
    """Will say what was recorded, from when, and by whom it was given."""
    return (
        f"C’est enregistré : votre quotient est de {in_words(quotient.value_cents)}, donné par"
        f" {given_by(quotient.provider)}. Il compte à partir du {in_digits(quotient.valid_from)}."
    )
