"""What the screens of unpaid invoices say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.billing.rules.dockets import BudgetLack, Lack

if TYPE_CHECKING:
    from marelle.domain.billing.operations.reminders import Sent
    from marelle.domain.billing.operations.returns import Taken

CHOOSE: Final = "Choisissez une réponse."
NOTHING_CHOSEN: Final = "Cochez au moins une facture."
NO_REASON: Final = "Écrivez la raison."
HELD: Final = "Les relances de cette famille sont suspendues. Ses factures ne bloquent plus ses réservations."
RESUMED: Final = "Les relances reprennent. Les factures en retard bloquent de nouveau, selon le règlement."
PRINTED: Final = "Ces courriers sont notés comme imprimés."
NO_LETTER: Final = "Aucun courrier n’attend d’être imprimé."
STAGES_SAVED: Final = "Les relances de la régie sont enregistrées."
COLLECTION_SAVED: Final = "La remise au Trésor est réglée."
NO_DAYS: Final = "Indiquez de 1 à 180 jours après l’échéance."
NO_STAGE_WORDS: Final = "Écrivez l’intitulé et le texte de cette relance."
SAME_DAYS: Final = "Deux relances ne partent pas le même jour."
NO_CODIQUE: Final = "Le codique a six ou sept chiffres."
NO_CODE: Final = "Ce code ne convient pas."
NO_NUMBER: Final = "Indiquez un numéro, à partir de 1."
NO_YEAR: Final = "Indiquez une année."
NO_FILE: Final = "Choisissez un fichier."
LONG_FILE: Final = "Ce fichier est trop lourd pour une réponse du Trésor (5 Mo au plus)."
NOTHING: Final = (
    "Rien n’est à remettre : aucune facture n’a épuisé les relances, ou les sommes par débiteur sont trop petites."
)
ALREADY: Final = "Un bordereau de cette régie est déjà en préparation."
PREPARED: Final = "Le bordereau est préparé. Rien n’est remis au Trésor tant que le fichier n’est pas fait."
DROPPED: Final = "Le bordereau est abandonné."
LEFT_OUT: Final = "Ce débiteur est retiré du bordereau."
EXPORTED: Final = "Le fichier est fait et le bordereau verrouillé. Ces factures ne se paient plus à la régie."
NOT_READY: Final = "Le bordereau n’est pas prêt : complétez ce qui manque."
NO_SCHEMAS: Final = (
    "Les schémas du Trésor ne sont pas installés : sans eux, aucun fichier n’est fait ni lu. Demandez à la personne "
    "qui exploite Marelle de régler MARELLE_PES_SCHEMAS."
)
UNFIT: Final = "Le fichier ne respecte pas les schémas du Trésor : il n’a pas été fait. Rien n’est remis."
NOT_READ: Final = "Ce fichier n’est ni un acquit ni un retour du Trésor."
NOT_OURS: Final = "Ce fichier est d’une autre collectivité (le SIRET n’est pas le vôtre)."
KNOWN: Final = "Ce fichier a déjà été reçu : rien n’a changé."
DEBTOR_SAVED: Final = "Le débiteur est enregistré."
KEYS_DOUBT: Final = (
    "Le calcul des clés des rôles n’est pas public. Avant le premier rôle, vérifiez avec votre trésorerie qu’elle les "
    "accepte, ou décochez cette case : elles ne sont pas obligatoires."
)
NOTICE: Final = (
    "Le fichier ne contient pas les avis des sommes à payer. Voyez avec votre trésorerie qui les édite et les envoie."
)

LACKS: Final = {
    Lack.CIVILITY: "la civilité",
    Lack.LAST_NAME: "le nom",
    Lack.FIRST_NAME: "le prénom",
    Lack.ADDRESS: "le numéro et la voie",
    Lack.LONG_ADDRESS: "une ligne d’adresse dépasse 38 caractères",
    Lack.POSTCODE: "le code postal",
    Lack.TOWN: "la ville",
}
BUDGET_LACKS: Final = {
    BudgetLack.SIRET: "le SIRET de la collectivité",
    BudgetLack.CODIQUE: "le codique du poste comptable",
    BudgetLack.TOWN_CODE: "le code collectivité",
    BudgetLack.BUDGET_CODE: "le code budget",
    BudgetLack.PRODUCT_CODE: "le code produit local",
    BudgetLack.NATURE: "la nature",
    BudgetLack.REGIE_CODE: "le numéro de la régie",
}
STATES: Final = {
    "prepared": ("amber", "pencil"),
    "exported": ("blue", "clock"),
    "accepted": ("green", "check"),
    "refused": ("red", "triangle-alert"),
}
ORDER_STATES: Final = {
    "waiting": ("blue", "clock"),
    "pending": ("amber", "clock"),
    "taken": ("blue", "landmark"),
    "part_paid": ("amber", "landmark"),
    "paid": ("green", "check"),
    "written_off": ("amber", "minus"),
    "rejected": ("red", "undo-2"),
}
# What the gate of Hélios says, in words.
FAULTS: Final = {
    "ERREUR_SIRET": "Le SIRET n’est pas celui du budget.",
    "ERREUR_CODIQUE": "Le codique n’est pas celui du poste comptable.",
    "ERREUR_CODE_COLLECTIVITE_BUDGET": "Le code collectivité ou le code budget est inconnu.",
    "ERREUR_DOUBLON_BORDEREAU": "Ce numéro de bordereau est déjà connu : le premier numéro est à changer.",
    "ERREUR_DOUBLON_PIECE": "Un numéro de titre est déjà connu.",
    "ERREUR_DOUBLON_LIGNE": "Une ligne de titre est en double.",
    "ERREUR_CUMUL_MONTANTS": "Les montants ne font pas le total.",
    "ERREUR_SCHEMA_INCOMPLET": "Le fichier ne suit pas le schéma.",
    "ERREUR_CODIFICATION": "Un code n’est pas accepté.",
    "ERREUR_PES_PARAM": "L’enveloppe du fichier n’est pas acceptée.",
    "ERREUR_VERSION_PES": "La version du protocole n’est plus acceptée.",
    "ERREUR_FLUX_VIDE": "Le fichier est vide ou illisible.",
}

FIRST_WORDS: Final = (
    (7, "Rappel", "Sauf erreur de notre part, une facture n’est pas encore réglée. Merci de la payer."),
    (
        21,
        "Deuxième rappel",
        "Malgré notre premier rappel, une facture reste impayée. Merci de la régler sans attendre.",
    ),
    (
        35,
        "Dernier rappel avant remise au Trésor public",
        (
            "Sans paiement de votre part, cette somme sera remise au Trésor public, qui la recouvrera par les moyens "
            "que la loi lui donne. En cas de difficulté, parlez-en à la mairie."
        ),
    ),
)


def reminded(sent: Sent) -> str:
    """Will say what left: « 3 e-mails partis, 2 courriers à imprimer, 1 facture sans relance à envoyer. »."""
    parts = [
        _count(sent.emails, "e-mail part", "e-mails partent"),
        _count(sent.letters, "courrier à imprimer", "courriers à imprimer"),
        _count(sent.skipped, "facture sans relance à envoyer", "factures sans relance à envoyer"),
    ]
    return ", ".join(filter(None, parts)) + "."


UNDONE = "{amount} sont contre-passés : la facture est de nouveau due au Trésor."
NOT_UNDONE = "Aucun paiement connu n’explique cet écart. Rien n’a été changé ; demandez au poste comptable."
DEALT_WITH = "C’est noté : cet encaissement n’est plus dans la liste."
NOT_DISPUTED = "Cette facture est déjà remise au Trésor : c’est à lui que la famille la conteste."
DISPUTED = "Cette facture n’est plus réclamée tant qu’elle est contestée."


def taken(taken: Taken) -> str:
    """Will say what was made of a file."""
    if taken.is_known:
        return KNOWN
    known = _count(taken.matched, "ligne reconnue", "lignes reconnues") or "Aucune ligne reconnue"
    unknown = _count(taken.unknown, "inconnue", "inconnues")
    said = f"{known}, {unknown}." if unknown else f"{known}."
    before = _count(taken.before_titles, "paiement reçu avant son titre", "paiements reçus avant leur titre")
    return f"{said} {before} : voyez la liste." if before else said


def refused(refusal: str) -> list[str]:
    """Will write why a docket was refused, each fault in words, with the Trésor's own after it."""
    said = []
    for line in refusal.splitlines():
        code, _space, words = line.partition(" ")
        said.append(f"{FAULTS.get(code, code)} {f'({words})' if words else ''}".strip())
    return said


def late(days: int) -> str:
    """Will write « 12 jours de retard »."""
    return f"{days} jour{'s' if days > 1 else ''} de retard"


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {several if number > 1 else one}" if number else ""
