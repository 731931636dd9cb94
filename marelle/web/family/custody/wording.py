"""What the screens of shared custody say."""

from django.utils.translation import gettext_lazy as _

from marelle.domain.reservations.models import CustodyProposal, SharedCustody

KIND, STATE, ORIGIN = CustodyProposal.Kind, CustodyProposal.State, SharedCustody.Origin

OURS = _("chez vous")
THEIRS = _("dans l’autre foyer")
EITHER = _("l’un ou l’autre foyer")
PASSES = _("passage")
PASSES_AT = _("passage à {hour}")
AGREED_DAY = _("jour convenu")
ASKED_DAY = _("échange demandé")
TODAY = _("aujourd’hui")
WEEK = _("Semaine {number}")
STAY = _("Du {first} au {last}")
ONE_DAY = _("Le {day}")

SETTLED = {
    ORIGIN.AGREED: _("Réglé par accord des deux foyers, depuis le {day}."),
    ORIGIN.DECIDED: _("Réglé par la mairie, depuis le {day}."),
}
COMING = {
    ORIGIN.AGREED: _("À partir du {day}, par accord des deux foyers :"),
    ORIGIN.DECIDED: _("À partir du {day}, réglé par la mairie :"),
}
NO_TERMS = _("Aucun calendrier n’est réglé : chaque foyer peut réserver tous les jours, et celui qui réserve paie.")
COMING_NOTHING = _("Plus de calendrier : chaque foyer peut réserver tous les jours, et celui qui réserve paie.")
CALENDAR_OF = _("Calendrier de garde : {child}")
TITLE = _("Garde {of_child}")
LEAD = _("Les jours {of_child} dans vos deux foyers. L’autre foyer voit le même calendrier.")

TITLES = {KIND.CALENDAR: _("Autre calendrier de garde"), KIND.DAYS: _("Échange de jours")}
ASKED_US = {
    KIND.CALENDAR: _("L’autre foyer propose un autre calendrier pour {child}, à partir du {day}."),
    KIND.DAYS: _("L’autre foyer propose d’échanger des jours {of_child}."),
}
WE_ASKED = {
    KIND.CALENDAR: _("Vous proposez un autre calendrier pour {child}, à partir du {day}."),
    KIND.DAYS: _("Vous proposez d’échanger des jours {of_child}."),
}
BECOME_OURS = _("Passent chez vous : {days}.")
BECOME_THEIRS = _("Passent dans l’autre foyer : {days}.")
# Where a proposal stands, for who asked and for who was asked: words, tone, icon.
TAGS = {
    STATE.AGREED: (_("Acceptée"), "green", "check"),
    STATE.REFUSED: (_("Refusée"), "red", "x"),
    STATE.DISPUTED: (_("La mairie décide"), "amber", "landmark"),
    STATE.DECIDED: (_("Retenue par la mairie"), "green", "check"),
    STATE.DISMISSED: (_("Écartée par la mairie"), "red", "x"),
    STATE.WITHDRAWN: (_("Retirée"), "quiet", "undo-2"),
    STATE.EXPIRED: (_("Sans réponse à temps"), "quiet", "clock"),
}
WAITS_FOR_US = (_("Attend votre réponse"), "amber", "hourglass")
WAITS_FOR_THEM = (_("Attend l’autre foyer"), "amber", "hourglass")
ANSWER_BY = {
    KIND.CALENDAR: _("Réponse attendue le {day} au plus tard. Sans réponse, la mairie décide."),
    KIND.DAYS: _("Réponse attendue le {day} au plus tard. Sans réponse, rien ne change."),
}
ASKED_ON = _("Demandé le {when}.")
# What came of it, said to who comes too late.
TOO_LATE = {
    STATE.PENDING: _("Cette proposition attend encore une réponse."),
    STATE.AGREED: _("Cette proposition est déjà acceptée."),
    STATE.REFUSED: _("Cette proposition est déjà refusée."),
    STATE.DISPUTED: _("Cette proposition est déjà refusée : la mairie décide."),
    STATE.DECIDED: _("La mairie a déjà décidé de cette proposition."),
    STATE.DISMISSED: _("La mairie a déjà décidé de cette proposition."),
    STATE.WITHDRAWN: _("Cette proposition a été retirée."),
    STATE.EXPIRED: _("Cette proposition n’attend plus de réponse : le jour est venu."),
}
NOTHING_DONE = _("Rien n’a changé.")
SENT = _("Votre proposition est envoyée à l’autre foyer. Il reçoit aussi un e-mail.")
WITHDRAWN = _("Votre proposition est retirée. L’autre foyer en est prévenu.")
ACCEPTED = _("C’est accepté. Le calendrier est à jour, l’autre foyer est prévenu.")
REFUSED_DAYS = _("Vous avez refusé. Rien ne change, l’autre foyer est prévenu.")
REFUSED_CALENDAR = _("Vous avez refusé. La mairie décide, et vous écrit à tous les deux.")
GIVES_BACK = _("Je propose d’annuler notre échange.")
NOTHING_TO_GIVE_BACK = _("Ces jours sont passés : il n’y a plus rien à rendre.")

WORDS = _("Un mot pour l’autre foyer")
WORDS_HINT = _("300 caractères au plus. L’autre foyer le lit tel quel ; la mairie aussi, si elle doit décider.")
ANSWER = _("Un mot avec votre réponse")
ANSWER_HINT = _("300 caractères au plus. L’autre foyer le lit ; la mairie aussi, si elle doit décider.")
TOO_LONG = _("300 caractères au plus.")
CHOOSE_ANSWER = _("Acceptez ou refusez.")
NOT_A_DAY = _("Un jour coché n’existe pas dans ce calendrier. Cochez à nouveau.")
ANSWERS_CHANGED = _("Vos réponses ont changé depuis l’aperçu : relisez-le avant d’envoyer.")
GIVEN = _("Vous donnez : {days}.")
TAKEN = _("Vous prenez : {days}.")
NOTHING_TICKED = _("Aucun jour coché pour l’instant.")
