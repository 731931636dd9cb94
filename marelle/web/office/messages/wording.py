"""What the screens of messages say."""

from __future__ import annotations

from collections import Counter
from typing import Final

from marelle.domain.news.models import FamilyMessage, MessageRecipient
from marelle.domain.news.queries.recipients import Preview
from marelle.domain.news.rules.messages import BLANKS
from marelle.foundation.money import in_euros

NEW: Final = "nouveau"
STATE = MessageRecipient.State
SAVED: Final = "Le brouillon est enregistré. Vérifiez à qui il part, puis envoyez-le."
REMOVED: Final = "Le brouillon est supprimé."
NOT_A_DRAFT: Final = "Ce message est déjà parti : il ne se change plus."
NOBODY: Final = "Ce message ne peut partir à personne : changez le filtre, ou complétez les dossiers."
CHANGED: Final = (
    "La liste des familles a changé depuis que vous l’avez lue. Rien n’est parti : relisez-la, puis envoyez."
)
STOPPED: Final = "L’envoi est arrêté. Ce qui était parti ne se rattrape pas."
ALREADY_ENDED: Final = "Cet envoi était déjà terminé."
TEMPLATE_SAVED: Final = "Le modèle est enregistré."
TEMPLATE_REMOVED: Final = "Le modèle est supprimé. Les messages déjà écrits ne changent pas."
TRIED_AGAIN: Final = "Les prochains courriels partiront de nouveau à cette adresse."
ALREADY_CLEARED: Final = "Cette adresse avait déjà été remise."
BLANKS_HINT: Final = "Ce qui se remplit tout seul : " + ", ".join(
    f"{{{name}}} ({said})" for name, said in BLANKS.items()
)
BODY_HINT: Final = (
    "« Bonjour », la signature et les coordonnées de la mairie s’ajoutent toutes seules. Une ligne vide sépare deux"
    " paragraphes."
)
TEXT_HINT: Final = (
    "Commencez par le nom de la commune. 160 signes tiennent dans un SMS ; 70 seulement avec un signe comme ê, ô, ç ou"
    " un emoji."
)
CHANNELS: Final = (("email", "Par e-mail"), ("text", "Par SMS"))
NO_TEXTS: Final = "Les SMS ne sont pas branchés sur cette installation : seul l’e-mail est proposé."
STATES: Final = {
    FamilyMessage.State.DRAFT: ("Brouillon", "quiet", "pencil"),
    FamilyMessage.State.SENDING: ("Envoi en cours", "amber", "hourglass"),
    FamilyMessage.State.SENT: ("Envoyé", "green", "check"),
    FamilyMessage.State.STOPPED: ("Arrêté", "red", "ban"),
}
RECIPIENT_STATES: Final = {
    STATE.WAITING: ("En attente", "amber", "hourglass"),
    STATE.CLAIMED: ("En attente", "amber", "hourglass"),
    STATE.TOLD: ("Parti", "green", "check"),
    STATE.DELIVERED: ("Reçu", "green", "check-check"),
    STATE.FAILED: ("Pas parti", "red", "triangle-alert"),
    STATE.RETURNED: ("Revenu", "red", "undo-2"),
    STATE.LOST: ("Adresse qui ne répond plus", "red", "undo-2"),
    STATE.NO_ADDRESS: ("Sans adresse", "amber", "phone"),
    STATE.STOPPED: ("Arrêté avant de partir", "quiet", "ban"),
}
# What the page of a message shows apart, and by which word of the address.
GROUPS: Final = {
    "a-appeler": (
        "À prévenir autrement",
        (STATE.FAILED, STATE.RETURNED, STATE.LOST, STATE.NO_ADDRESS, STATE.STOPPED),
    ),
    "partis": ("Partis", (STATE.TOLD, STATE.DELIVERED)),
    "en-attente": ("En attente", (STATE.WAITING, STATE.CLAIMED)),
}
FAILURES: Final = {
    "mail_server": "le serveur de courriel ne l’a pas pris",
    "wrong_number": "l’opérateur refuse ce numéro",
    "refused": "l’opérateur refuse ce message",
    "no_credit": "il n’y a plus de crédit SMS",
    "not_allowed": "l’opérateur refuse l’accès de cette installation",
    "unavailable": "l’opérateur ne répond pas",
    "unsure": "on ne sait pas s’il est parti",
    "no_way": "plus aucun moyen de l’envoyer",
}


def families(count: int) -> str:
    """Will write « 1 famille », « 42 familles »."""
    return f"{count} famille{'s' if count > 1 else ''}"


def what_leaves(preview: Preview) -> str:
    """Will say what would leave: « 40 e-mails et 12 SMS »."""
    said = []
    if preview.letters:
        said.append(f"{preview.letters} e-mail{'s' if preview.letters > 1 else ''}")
    if preview.texts:
        said.append(f"{preview.texts} SMS")
    return " et ".join(said) or "rien"


def cost(preview: Preview, price: int | None) -> str:
    """Will say what the texts are paid for: their parts, and the price (thousandths of a euro) when it is known."""
    if not preview.texts:
        return ""
    if preview.parts == preview.texts:
        said = f"{preview.texts} SMS d’une seule partie"
    else:
        said = f"{preview.texts} SMS, comptés {preview.parts} par l’opérateur parce qu’ils sont longs"
    return f"{said}, environ {in_euros(-(-preview.parts * price // 10))}." if price else f"{said}."


def progress(counts: Counter[str]) -> tuple[int, int, str]:
    """Will return how many are done, out of how many, and that in words."""
    waiting = counts[STATE.WAITING] + counts[STATE.CLAIMED]
    whole = sum(counts[one] for one in (STATE.TOLD, STATE.DELIVERED, STATE.RETURNED, STATE.FAILED)) + waiting
    done = whole - waiting
    return done, whole, f"{done} sur {whole}"


def summed_up(counts: Counter[str]) -> list[str]:
    """Will say what became of a message, a line for each thing that happened."""
    lines = (
        (counts[STATE.TOLD] + counts[STATE.DELIVERED], "parti", "partis"),
        (counts[STATE.DELIVERED], "dont reçu", "dont reçus"),
        (counts[STATE.RETURNED], "revenu", "revenus"),
        (counts[STATE.FAILED], "pas parti", "pas partis"),
        (counts[STATE.LOST], "à une adresse qui ne répond plus", "à des adresses qui ne répondent plus"),
        (counts[STATE.NO_ADDRESS], "sans adresse", "sans adresse"),
        (counts[STATE.WAITING] + counts[STATE.CLAIMED], "en attente", "en attente"),
        (counts[STATE.STOPPED], "arrêté avant de partir", "arrêtés avant de partir"),
    )
    return [f"{count} {many if count > 1 else one}" for count, one, many in lines if count]
