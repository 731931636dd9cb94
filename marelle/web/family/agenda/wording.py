"""What the page of the agenda says."""

from django.utils.translation import gettext_lazy as _

MADE = _("Votre adresse est prête : ajoutez-la à votre agenda.")
RENEWED = _("Votre adresse a changé. L’ancienne ne sert plus : ajoutez la nouvelle à votre agenda.")
STOPPED = _("C’est arrêté. Votre agenda ne reçoit plus rien.")
NOTHING_TO_STOP = _("C’était déjà arrêté.")
UNKNOWN = "Cette adresse ne sert pas, ou ne sert plus.\n"
TOO_MANY = "Trop de demandes : réessayez plus tard.\n"
HELD = "Place gardée, pas encore confirmée."
CALENDAR_NAME = "Réservations, {authority}"
