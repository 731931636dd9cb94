"""What Mes demandes says."""

from django.utils.translation import gettext_lazy as _

PENDING = _("En attente")
ACCEPTED = _("Acceptée")
REFUSED = _("Refusée")
WAITING = _("La mairie doit répondre ; jusque-là, ce jour reste réservé.")
REFUNDED = _("Ce jour ne vous sera pas facturé ; s’il est déjà réglé, il vous sera remboursé.")
NOT_REFUNDED = _("Selon le règlement du service, ce jour reste facturé.")
KEPT = _("La réservation est maintenue, et reste facturée.")
NOT_LEFT_YET = _("En route.")
