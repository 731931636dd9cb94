"""What the screen of an absence says."""

from django.utils.translation import gettext_lazy as _

CAUSE = _("Pourquoi ?")
NO_CAUSE = _("Choisissez pourquoi votre enfant ne vient pas.")
WORDS = _("Un mot pour la mairie")
WORDS_TOO_LONG = _("300 caractères au plus.")
TOLD = _("Absence signalée.")
WITHDRAWN = _("Absence retirée : votre enfant est attendu.")
LET_GO = _("Place libérée. Elle reste facturée si personne ne la prend ; nous vous écrivons si une famille la prend.")
NOT_LET_GO = _("Cette place ne peut pas être libérée.")
NOT_LET_GO_WHY = _("Elle l’est déjà, n’est plus réservée, ou s’annule encore dans le calendrier.")
TAKEN_BACK = _("Vous gardez votre place.")
NOT_TAKEN_BACK = _("Cette place ne peut plus être reprise pour l’instant.")
NOT_TAKEN_BACK_WHY = _("Elle est proposée à une famille, ou une famille l’a prise.")
