"""What the pages about all the children say."""

from django.utils.translation import gettext_lazy as _

from marelle.domain.reservations.queries.weeks import How

# The product is named before: « Étude : absence signalée ». A place that is taken needs no word but a reader's.
HOW = {
    How.RESERVED: _("réservé"),
    How.HELD: _("place gardée"),
    How.ASKED: _("annulation demandée"),
    How.ABSENT: _("absence signalée"),
    How.WAITING: _("en liste d’attente"),
}
NOTHING = _("rien de réservé")
CANCELLATION = _("Annulation de {product} pour {child}, {day}")
JOINING = _("Rattachement pour {child}")
CUSTODY_ASKED = _("Demandé le {when}. L’autre foyer n’a pas encore répondu, ou la mairie décide.")
CUSTODY_TO_ANSWER = _("Demandé le {when}. L’autre foyer attend votre réponse.")
ASKED_ON = _("Demandée le {when}. La mairie n’a pas encore répondu.")
