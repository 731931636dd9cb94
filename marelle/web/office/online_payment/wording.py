"""The words of a régie's online payment."""

from __future__ import annotations

from typing import Final

from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.rules.attempts import State

CHOOSE: Final = "Choisissez dans la liste."
TOO_LONG: Final = "C’est trop long."
SAVED: Final = "C’est enregistré."
ACTIVATED: Final = "L’activation peut commencer : payez un euro par moyen de paiement."
OPENED: Final = "Le paiement en ligne est ouvert aux familles."
CLOSED: Final = (
    "Le paiement en ligne est fermé : la régie se paie au guichet. Les paiements commencés vont jusqu’à leur terme."
)
NOT_PLUGGED: Final = "Ce prestataire n’est pas branché sur cette installation : prévenez qui administre Marelle."
NOT_A_STEP: Final = "Cette étape n’existe pas."
NO_TRIAL: Final = "Un essai se fait pendant les étapes d’essai et d’activation, avec un prestataire choisi."
TRIAL_OF: Final = {
    Mode.TEST: (
        "Faire un essai de 1 €",
        "Vous payez un euro sur la page du prestataire, avec une carte d’essai. Rien n’est noté chez les familles.",
    ),
    Mode.ACTIVATION: (
        "Payer 1 € pour de vrai",
        "Vous payez un euro sur la page du prestataire, avec votre carte ou votre compte. Il est vraiment débité.",
    ),
}
TOO_LATE: Final = "Cet essai ne peut plus être payé. Commencez-en un autre."
STEPS: Final = {
    Mode.TEST: ("Essai", "Rien n’est débité : les cartes d’essai du prestataire servent à payer."),
    Mode.ACTIVATION: ("Activation", "De vrais paiements d’un petit montant, faits par vous, un par moyen de paiement."),
    Mode.PRODUCTION: ("En service", "Les familles paient en ligne."),
}
TRIALS: Final = {
    State.CREATED: ("quiet", "clock", "À payer"),
    State.REDIRECTED: ("amber", "hourglass", "En cours"),
    State.PAID: ("green", "check", "Réussi"),
    State.REFUSED: ("red", "x", "Refusé"),
    State.ABANDONED: ("quiet", "x", "Abandonné"),
    State.EXPIRED: ("quiet", "clock", "Expiré"),
}
