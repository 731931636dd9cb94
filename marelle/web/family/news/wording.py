"""What the first pages say."""

from django.utils.translation import gettext_lazy as _

PAID_IN_ARREARS = _("À payer en fin de mois")
PAID_ON_BOOKING = _("À payer à la réservation")


def joined(family: str, authority: str) -> str:
    """Will say that the account has the family now."""
    return f"C’est fait : votre compte donne accès à la famille {family}, à {authority}."
