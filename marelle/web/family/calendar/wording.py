"""The words of the page of reservations."""

from django.utils.translation import gettext_lazy as _

TITLE = _("Mes réservations")
PERIOD_TITLE = _("Réserver sur une période")
PERIOD_LEAD = _("Choisissez, vérifiez ce que cela donne, puis ajoutez au panier.")
EVERYONE = _("Tous")
NOT_ENROLLED = _("Pas d’inscription")
FORGED = _("Un des jours envoyés n’existe pas pour votre famille. Rien n’a été ajouté au panier.")
TOO_MANY = _("Trop de jours à la fois. Choisissez une période plus courte. Rien n’a été ajouté au panier.")
WAITING = _("En liste d’attente. Nous vous écrivons dès qu’une place se libère.")
LEFT = _("Vous n’êtes plus en liste d’attente pour ce jour.")
NOT_WAITING = _("Il n’y a pas de liste d’attente pour ce jour.")
NOTHING_CHANGED = _("Votre panier n’a pas changé.")
