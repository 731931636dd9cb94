"""What the first pages say."""

from django.utils.translation import gettext_lazy as _

PAID_IN_ARREARS = _("À payer en fin de mois")
PAID_ON_BOOKING = _("À payer à la réservation")
