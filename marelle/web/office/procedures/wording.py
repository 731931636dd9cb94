"""What the screens of procedures say."""

from __future__ import annotations

from typing import Final

from marelle.domain.procedures.models import AnswerTemplate
from marelle.domain.procedures.rules.clocks import Delay, DelayUnit, Silence
from marelle.domain.procedures.rules.templates import BLANKS

TEXT_HINT: Final = (
    "À la première personne, avec des blancs du nom des questions : « Je souhaiterais autoriser {person} à venir "
    "récupérer {children} »."
)
OPEN_TO_HINT: Final = "Leurs noms courts, séparés par des virgules. Vide : toutes les familles."
CODE_HINT: Final = "Pour le texte et les effets. Vide : il est fait d’après la question."
KIND_HINT: Final = "Un nom court. Deux démarches qui demandent la même chose ne la demandent qu’une fois à la famille."
VALID_HINT: Final = "Passé ce temps, elle est redemandée. Vide : elle ne périme pas."
HEALTH_HINT: Final = "Seuls les agents habilités lisent la réponse, et aucun e-mail ne la contient."
HEALTH_DOCUMENT_HINT: Final = "Chaque lecture est notée au journal."
AGENT: Final = "L’agent, en acceptant"
DELAY_HINT: Final = (
    "Deux mois pour une décision : c’est la loi, qu’une collectivité ne change pas d’elle-même (CRPA, articles L231-1 "
    "et L231-6). Pour un simple message, dites en combien de jours vous répondez."
)
SILENCE_HINT: Final = (
    "En règle générale, le silence accepte (L231-1). Il refuse si la demande est financière, si c’est une réclamation, "
    "ou si elle n’appelle pas une décision pour une personne (L231-4), et quand les places sont limitées (décret "
    "2016-625)."
)
REMEDIES_HINT: Final = (
    "Ce que la famille peut faire après un refus. Sans cela, elle peut le contester sans limite de temps."
)
EFFECT_HINT: Final = "Fait une seule fois, quand la demande est acceptée. Il lit des questions par leur nom court."
UNITS: Final = {
    DelayUnit.MONTHS: "mois",
    DelayUnit.DAYS: "jours",
    DelayUnit.WORKING_DAYS: "jours ouvrés",
}
SILENCES: Final = {
    Silence.ACCEPTS: "La demande est acceptée",
    Silence.REFUSES: "La demande est refusée",
    Silence.DECIDES_NOTHING: "Rien n’est décidé : c’est un message",
}
# The label that a question takes when it is added for an effect.
EFFECT_LABELS: Final = {
    "children": "Enfants concernés",
    "child": "Enfant concerné",
    "person": "Personne autorisée",
    "starts_on": "À partir du",
    "address": "Nouvelle adresse",
    "allergies": "Allergies ou besoins de santé",
    "activities": "Activités demandées",
    "quotient": "Quotient familial",
    "regie": "Régie",
    "holder": "Nom du titulaire du compte",
    "holder_address": "Adresse du titulaire",
    "iban": "IBAN",
    "place": "Fait à",
    "invoice": "Facture contestée",
    "amount": "Montant à rembourser",
    "first_day": "Premier jour",
    "last_day": "Dernier jour",
    "homes": "Foyers (numéros de dossier)",
}

MEANWHILE: Final = (
    "Quelqu’un d’autre a enregistré une version entre-temps. Relisez la sienne avant d’enregistrer la vôtre."
)
UNREADABLE: Final = "Ce contenu ne se lit plus. Reprenez le formulaire."
NO_CHANGE: Final = "Rien n’a changé depuis la version en vigueur."
ANONYMOUS: Final = (
    "La famille a le droit de connaître le prénom, le nom et la qualité de l’agent chargé de sa demande (CRPA, article "
    "L111-2). Laissez vide seulement si sa sécurité le justifie : son nom n’est alors écrit nulle part."
)
ROLE_HINT: Final = "Les agents qui ont ce rôle voient les demandes du service et y répondent."
BODY_HINT: Final = "Blancs possibles : " + " ; ".join(f"{{{name}}}, {words}" for name, words in BLANKS.items()) + "."
PURPOSES: Final = {
    AnswerTemplate.Purpose.MESSAGE: "Messages",
    AnswerTemplate.Purpose.CHANGES: "Demandes de complément",
    AnswerTemplate.Purpose.APPROVE: "Acceptations",
    AnswerTemplate.Purpose.REJECT: "Refus",
}
EVERY_PROCEDURE: Final = "Toutes les démarches"
SERVICE_SAVED: Final = "Le service est enregistré."
TEMPLATE_SAVED: Final = "Le modèle est enregistré."
TEMPLATE_REMOVED: Final = "Le modèle est supprimé."
ALL_THERE: Final = "Toutes les démarches prêtes sont déjà là."


def opened(title: str, *, is_open: bool) -> str:
    """Will say that a procedure is offered, or no longer."""
    return f"« {title} » est ouverte aux familles." if is_open else f"« {title} » n’est plus proposée aux familles."


def published(title: str, number: int) -> str:
    """Will say that a version is in force."""
    return f"« {title} », version {number}, est en vigueur. Les demandes déjà envoyées gardent leur version."


def added(count: int) -> str:
    """Will say how many ready procedures were added."""
    return f"{count} démarche{'s ajoutées' if count > 1 else ' ajoutée'}. Relisez-les, et dites qui répond."


def asked(count: int) -> str:
    """Will say how many applications were sent."""
    return "Aucune demande" if not count else f"{count} demande{'s' if count > 1 else ''}"


def in_delay(delay: Delay) -> str:
    """Will write a delay: « 2 mois », « 10 jours ouvrés »."""
    one = {DelayUnit.DAYS: "jour", DelayUnit.WORKING_DAYS: "jour ouvré"}.get(delay.unit, "mois")
    return f"{delay.count} {one if delay.count == 1 else UNITS[delay.unit]}"
