"""What the screen of an absence says."""

from django.utils.translation import gettext_lazy as _

CAUSE = _("Pourquoi ?")
NO_CAUSE = _("Choisissez pourquoi votre enfant ne vient pas.")
WORDS = _("Un mot pour la mairie")
WORDS_TOO_LONG = _("300 caractères au plus.")
TOLD = _("Absence signalée.")
WITHDRAWN = _("Absence retirée : votre enfant est attendu.")
