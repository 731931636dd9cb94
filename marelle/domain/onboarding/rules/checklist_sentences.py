"""What the list says to an agent of each item: what is done or not, why it matters, by which text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from marelle.domain.onboarding.rules.checklist import Check, Item, State, Step
from marelle.foundation.french_dates import listed

STEPS: Final[Mapping[Step, str]] = {
    Step.AUTHORITY: "Votre collectivité",
    Step.CALENDAR: "Calendrier",
    Step.PLACES: "Écoles et lieux",
    Step.OFFER: "Ce que vous proposez",
    Step.REGLEMENT: "Règlement",
    Step.TARIFF: "Tarifs",
    Step.REGIE: "Régie et paiement",
    Step.AGENTS: "Agents",
    Step.PROCEDURES: "Démarches",
}
# How many names a line gives before it only counts the rest.
_MOST_NAMES: Final = 6


@dataclass(frozen=True, slots=True)
class Words:
    """How an item reads: once done, as long as it is not, why it matters, and the text that says so."""

    done: str
    undone: str
    why: str
    source: str = ""


WORDS: Final[Mapping[Check, Words]] = {
    Check.REACHABLE: Words(
        "Les familles savent comment vous joindre",
        "Donnez un téléphone ou une adresse e-mail",
        "Chaque refus et chaque limite le rappellent aux familles.",
    ),
    Check.PRIVACY: Words(
        "Une adresse reçoit les demandes sur les données personnelles",
        "Donnez une adresse e-mail pour les droits des personnes",
        "La page « Données personnelles » y envoie les familles, à l’attention de votre délégué.",
        "Règlement général sur la protection des données, article 13",
    ),
    Check.IDENTITY: Words(
        "Le SIRET est connu",
        "Ajoutez le SIRET",
        "Les factures, les titres et les données ouvertes le portent.",
    ),
    Check.HOLIDAYS: Words(
        "Les vacances et les jours fériés sont là",
        "Le calendrier des vacances manque",
        "Sans lui, on ne sait ni quels jours ouvrent, ni quand une limite tombe.",
    ),
    Check.SHORT_CALENDAR: Words(
        "Le calendrier va jusqu’au bout des activités",
        "Le calendrier publié s’arrête avant la fin",
        "Les jours d’après ouvriront quand les vacances seront publiées, ou saisies.",
    ),
    Check.PLACES: Words("Vos lieux sont là", "Ajoutez vos écoles", "Tout ce que vous proposez a lieu quelque part."),
    Check.CLASSES: Words(
        "Les écoles ont leurs classes",
        "Ajoutez les classes",
        "Les listes du jour et le changement de classe en septembre s’y rangent.",
    ),
    Check.PRODUCTS: Words(
        "Il y a de quoi réserver",
        "Dites ce que vous proposez",
        "La cantine, la garderie, le mercredi : quelques clics suffisent.",
    ),
    Check.OPEN_DAYS: Words(
        "Chaque activité a des jours ouverts",
        "Aucun jour ouvert à venir",
        "Les dates, les jours de la semaine ou une fermeture ne laissent aucun jour à réserver.",
    ),
    Check.CANTEEN_CAPACITY: Words(
        "La cantine est sans limite de places",
        "Une cantine scolaire a un nombre de places, donc une liste d’attente",
        "Quand ce service existe, tout élève d’école maternelle ou élémentaire y a droit : manquer de places ne "
        "permet pas de le refuser.",
        "Code de l’éducation, article L. 131-13",
    ),
    Check.RELIGION: Words(
        "Rien ne demande une religion",
        "Un mot dit une religion",
        "Proposez « sans porc » ou « sans viande » : ils disent ce que l’enfant mange, et rien de ce que croit sa "
        "famille.",
        "CNIL, à propos de la norme NS-058 ; RGPD, article 9",
    ),
    Check.REGLEMENTS: Words(
        "Chaque activité a son règlement",
        "Choisissez un règlement",
        "Sans lui, personne ne peut réserver : on ne saurait pas jusqu’à quand.",
    ),
    Check.CANTEEN_WAVES: Words(
        "La cantine ouvre à toutes les familles ensemble",
        "La cantine ouvre à certaines familles avant les autres",
        "L’inscription à la cantine ne peut dépendre de la situation de l’élève ou de sa famille.",
        "Code de l’éducation, article L. 131-13",
    ),
    Check.TARIFFS: Words(
        "Chaque prestation a son tarif",
        "Donnez un tarif",
        "Une prestation sans prix ne se réserve pas en confiance.",
    ),
    Check.COST_UNKNOWN: Words(
        "Le coût du repas est connu",
        "Dites ce que coûte un repas à la collectivité",
        "Marelle vérifie alors qu’aucun tarif ne le dépasse.",
        "Code de l’éducation, article R. 531-53",
    ),
    Check.ABOVE_COST: Words(
        "Aucun tarif ne dépasse le coût",
        "Un tarif dépasse le coût",
        "Le prix le plus élevé, modulations comprises, ne peut dépasser le coût par usager, subventions déduites.",
        "Code de l’éducation, articles R. 531-52 et R. 531-53 ; loi n° 98-657 du 29 juillet 1998, article 147",
    ),
    Check.REGIES: Words(
        "Chaque service a sa régie",
        "Rattachez les services à une régie",
        "Sans régie, rien ne se facture ni ne s’encaisse. Les familles peuvent réserver en attendant.",
    ),
    Check.ONLINE: Words(
        "Le paiement en ligne est éprouvé",
        "Le paiement en ligne n’est pas éprouvé",
        "Il se choisit, puis se prouve par un vrai paiement d’essai. Il est dû aux usagers, gratuitement.",
        "Code général des collectivités territoriales, article L. 1611-5-1",
    ),
    Check.SECOND_AGENT: Words(
        "Plusieurs agents ont un accès",
        "Un seul agent a un accès",
        "En son absence, personne ne répondrait. Chacun a son propre compte.",
    ),
    Check.HEALTH: Words(
        "Quelqu’un peut lire la santé des enfants",
        "Personne ne peut lire les allergies",
        "Qui accueille ou nourrit un enfant doit connaître ses allergies et son projet d’accueil ; personne d’autre.",
        "RGPD, article 9",
    ),
    Check.PROCEDURES: Words(
        "Des démarches sont ouvertes",
        "Aucune démarche n’est ouverte",
        "Inscription, changement d’adresse, santé : elles sont prêtes à l’emploi.",
    ),
    Check.ANSWERING: Words(
        "Chaque service qui répond se joint",
        "Un service qui répond n’a ni téléphone ni e-mail",
        "L’accusé de réception doit dire comment le joindre.",
        "Code des relations entre le public et l’administration, article R. 112-5",
    ),
}


def title(item: Item) -> str:
    """Will say where the item stands, in a few words."""
    words = WORDS[item.check]
    return words.done if item.state is State.DONE else words.undone


def names(item: Item) -> str:
    """Will name what it is about, the first ones, then how many more; nothing when it is about no one thing."""
    shown = list(item.names[:_MOST_NAMES])
    more = len(item.names) - len(shown)
    if more:
        shown.append(f"{more} autre{'s' if more > 1 else ''}")
    return listed(shown) if shown else ""
