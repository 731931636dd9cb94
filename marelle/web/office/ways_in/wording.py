"""What the screens of the ways in say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.families.operations.joining import NotJoined
from marelle.domain.families.rules.likeness import Likeness
from marelle.domain.families.rules.ways_in import Uninvited, Way
from marelle.foundation.french_dates import in_digits, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from marelle.domain.families.operations.joining import AnsweredTogether, Invited
    from marelle.domain.families.queries.joining import WayInRow

NOTHING_CHOSEN = "Cochez au moins un responsable."
NO_LETTER = "Aucun code par courrier n’attend d’être imprimé."
RETURNED = "Noté : le courriel est revenu. Corrigez l’adresse, puis envoyez un autre lien."
BAD_ADDRESS = "Écrivez une adresse e-mail, par exemple nom@exemple.fr."
ADDRESS_CHANGED = "L’adresse est enregistrée. Un lien déjà parti à une autre adresse ne sert plus."
NOTHING_WAITS = "Aucun lien n’attend pour ce responsable."
REVOKED = "Le lien et le code de ce responsable ne servent plus."
NOTHING_TO_REVOKE = "Ce responsable n’a ni lien ni code."
UNTIED = "FranceConnect est détaché de ce compte. La personne en est prévenue, et pourra le relier de nouveau."
NOT_TIED = "Ce compte n’était pas relié à FranceConnect."
ENDED = "L’accès est retiré : ce compte ne voit plus la famille. Il en est prévenu."
ALREADY_ENDED = "Cet accès était déjà retiré."
CHOOSE = "Choisissez à qui rattacher ce compte."
NOT_THESE = "Cochez aussi que ce n’est aucune des familles proposées, pour ne pas ouvrir deux dossiers."
NO_REASON = "Écrivez pourquoi : la personne lira ce motif."
REASON_TOO_LONG = "500 caractères au plus."
NO_SUCH_FILE = "Aucun dossier n’a ce numéro."
ACCEPTED = "Le compte est rattaché. La personne en est prévenue."
REFUSED = "La demande est refusée. La personne lira votre motif."
ALREADY_ANSWERED = "Cette demande a déjà reçu une réponse : rien n’a changé."
NOT_POSSIBLE = (
    "Rien n’a été rattaché : ce responsable a un compte depuis, ce compte a déjà cette famille, ou un responsable du"
    " même nom y est déjà. Choisissez dans la liste à jour."
)
NO_ANSWER = "Choisissez une réponse : accepter ou refuser."
NOTHING_TICKED = "Cochez d’abord les demandes auxquelles répondre."

ACCESS_REMOVED = (
    "L’accès de cette personne à cette famille est retiré : rendez-le d’abord, depuis la page de la famille."
)
WHY_NOT = {
    Uninvited.MEMBER: ("a déjà un compte", "ont déjà un compte"),
    Uninvited.REMOVED: ("a un accès retiré par la mairie", "ont un accès retiré par la mairie"),
    Uninvited.NO_ADDRESS: ("n’a pas d’adresse e-mail", "n’ont pas d’adresse e-mail"),
    Uninvited.SHARED_ADDRESS: (
        "a la même adresse que l’autre responsable",
        "ont la même adresse que l’autre responsable",
    ),
    Uninvited.ALREADY_INVITED: ("a déjà un lien", "ont déjà un lien"),
}
# The words, the tone and the icon; a day follows « le ».
TAGS = {
    Way.MEMBER: ("Compte actif depuis le", "green", "check"),
    Way.REMOVED: ("Accès retiré", "red", "user-x"),
    Way.SENDING: ("Lien en route", "amber", "hourglass"),
    Way.NOT_SENT: ("Lien pas parti", "red", "triangle-alert"),
    Way.SENT: ("Lien envoyé le", "blue", "mail"),
    Way.OPENED: ("Lien ouvert le", "blue", "eye"),
    Way.RETURNED: ("Courriel revenu", "red", "undo-2"),
    Way.EXPIRED: ("Lien trop ancien depuis le", "amber", "clock"),
    Way.NOTHING: ("Pas de compte", "quiet", "minus"),
}
LIKENESS = {
    Likeness.SAME: "Même enfant",
    Likeness.CLOSE: "Enfant proche",
    Likeness.DISTANT: "Mêmes noms, autre date",
    Likeness.NONE: "",
}


WHY_LEFT = {
    NotJoined.NOT_SURE: "à rattacher sur sa page : aucun dossier n’est sûr.",
    NotJoined.NOT_POSSIBLE: "à relire : ce responsable a un compte depuis, ou ce compte a déjà cette famille.",
    NotJoined.REMOVED: "à relire sur sa page : la mairie lui a retiré l’accès à un dossier.",
}


def together_title(count: int, *, is_refusal: bool) -> str:
    """Will say what is about to be answered to how many requests."""
    if not count:
        return "Rien à accepter d’un coup"
    return f"{'Refuser' if is_refusal else 'Accepter'} {count} demande{'s' if count > 1 else ''}"


def already_among(count: int) -> str:
    """Will say how many of those that were ticked were answered before; nothing for none."""
    if not count:
        return ""
    if count == 1:
        return "Une demande cochée a déjà reçu une réponse : elle ne change pas."
    return f"{count} demandes cochées ont déjà reçu une réponse : elles ne changent pas."


def answered_together(done: AnsweredTogether, left: Mapping[NotJoined, Sequence[str]], *, is_accepted: bool) -> str:
    """Will say what became of the requests; `left` are the names of who asked and waits on, by why."""
    said = []
    if count := len(done.done):
        s = "s" if count > 1 else ""
        verb = f"compte{s} rattaché{s}" if is_accepted else f"demande{s} refusée{s}"
        said.append(f"{count} {verb}. {'Les personnes sont prévenues' if s else 'La personne est prévenue'}.")
    if count := len(done.already):
        said.append(
            "Une avait déjà reçu une réponse : elle n’a pas changé."
            if count == 1
            else f"{count} avaient déjà reçu une réponse : elles n’ont pas changé."
        )
    said += [f"{listed(names)} : {WHY_LEFT[why]}" for why, names in left.items()]
    return " ".join(said)


def links_sent(done: Invited) -> str:
    """Will say how many links leave, and why the others do not."""
    count = "Aucun lien ne part." if not done.count else f"{done.count} lien{'s' if done.count > 1 else ''} en route."
    return " ".join(filter(None, (count, _why_not(done))))


def codes_made(done: Invited, *, is_mail: bool) -> str:
    """Will say how many codes were made, and why the others were not."""
    if not done.count:
        count = "Aucun code n’est établi."
    elif is_mail:
        count = f"{done.count} code{'s' if done.count > 1 else ''} en route par e-mail."
    else:
        count = f"{done.count} code{'s' if done.count > 1 else ''} à imprimer : ouvrez les lettres ci-dessous."
    return " ".join(filter(None, (count, _why_not(done))))


def _why_not(done: Invited) -> str:
    said = [
        f"{count} {WHY_NOT[why][0 if count == 1 else 1]}"
        for why, count in sorted(done.why_not.items(), key=lambda each: each[0].value)
    ]
    return f"{listed(said)}." if said else ""


def way_tag(row: WayInRow, zone: ZoneInfo) -> tuple[str, str, str]:
    """Will return the words, the tone and the icon of where a guardian stands."""
    words, tone, icon = TAGS[row.way]
    moments = {
        Way.MEMBER: row.membership.joined_at if row.membership else None,
        Way.SENT: row.link.sent_at if row.link else None,
        Way.OPENED: row.link.opened_at if row.link else None,
        Way.EXPIRED: row.link.expires_at if row.link else None,
    }
    moment = moments.get(row.way)
    return (f"{words} {_day(moment, zone)}" if moment else words, tone, icon)


def code_words(row: WayInRow, zone: ZoneInfo) -> str:
    """Will say which code the guardian may type, and until when; nothing without one."""
    if row.code is None or row.way is Way.MEMBER:
        return ""
    how = row.code.get_delivery_display()
    not_yet = " (pas encore parti)" if row.code.delivery == "mail" and row.code.sent_at is None else ""
    return f"Code {how}{not_yet}, jusqu’au {_day(row.code.expires_at, zone)}"


def born(day: date) -> str:
    """Will write « le 09/04/2017 »."""
    return f"le {in_digits(day)}"


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return in_digits(moment.astimezone(zone).date())
