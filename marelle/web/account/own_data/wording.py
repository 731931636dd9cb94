"""What the pages of one's own data say."""

from __future__ import annotations

from typing import Final

from marelle.domain.procedures.operations.erasure import WhyKept

TYPED_AGAIN: Final = "Votre mot de passe"
SURE: Final = "J’ai lu ce qui s’efface et ce qui reste"
NOT_YOURS: Final = "Ce n’est pas votre mot de passe."
NOTHING_WRITTEN: Final = "Écrivez votre mot de passe : il prouve que c’est bien vous."
NOT_SURE: Final = "Cochez la case pour continuer."
TOO_MANY: Final = "Trop d’essais à la suite. Attendez une minute."
CHOOSE_ONE_FIRST: Final = (
    "Votre compte n’a pas de mot de passe. Choisissez-en un d’abord, par « Mot de passe oublié ? » : il prouvera que"
    " c’est bien vous."
)
KEPT: Final = {
    WhyKept.AGENT: (
        "Ce compte est aussi celui d’un agent",
        "Il sert à votre travail : demandez à la personne qui administre le site de fermer d’abord votre poste.",
    ),
    WhyKept.PAYING: (
        "Un paiement est en cours",
        "Attendez qu’il se termine, ou abandonnez-le dans « Mes paiements », puis revenez.",
    ),
}
GOES: Final = (
    "votre adresse e-mail de connexion et votre mot de passe, avec tout autre moyen de vous connecter ;",
    "votre accès à vos familles, dans toutes vos communes ;",
    "vos appareils connectés, l’historique de la sécurité du compte et vos demandes de rattachement ;",
    "votre panier et les réglages de vos listes.",
)
STAYS: Final = (
    (
        "Le dossier de votre famille et de vos enfants",
        (
            "Il appartient à la mairie, qui accueille les enfants par mission de service public. Elle l’efface deux ans"
            " après leur départ. Pour faire effacer plus tôt ce qui n’est plus utile, écrivez-lui."
        ),
    ),
    (
        "Les factures, paiements, quittances et quotients",
        "La loi oblige la mairie à garder dix ans les pièces de sa comptabilité.",
    ),
    (
        "Les réservations",
        "Elles sont maintenues : vos enfants restent attendus, et ce qui est dû reste dû. Annulez-les avant si besoin.",
    ),
    (
        "Les mandats de prélèvement",
        "Ils restent valables : révoquez-les avant, si vous ne voulez plus être prélevé.",
    ),
    (
        "Le journal de ce qui a été fait",
        "Trois ans, sans votre nom : il permet de savoir ce qui s’est passé en cas de contestation.",
    ),
)
