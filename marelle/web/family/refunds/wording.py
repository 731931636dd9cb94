"""What the screen of refunds says."""

from django.utils.translation import gettext_lazy as _

from marelle.domain.payments.models import RefundRequest
from marelle.domain.payments.operations.refunds import WhyNotRefunded

PAYER = _("Quel porte-monnaie ?")
AMOUNT = _("Montant, en euros")
HOLDER = _("Titulaire du compte")
WORDS = _("Un mot pour la mairie")
NO_PAYER = _("Choisissez un porte-monnaie.")
NO_AMOUNT = _("Indiquez un montant en euros, comme 12,50.")
NO_HOLDER = _("Indiquez le nom du titulaire, comme sur le relevé d’identité bancaire.")
TOO_LONG = _("Ce texte est trop long.")

WAYS = {
    RefundRequest.Way.KEPT: _("Gardé en avance sur vos prochaines factures"),
    RefundRequest.Way.TRANSFER: _("Par virement"),
    RefundRequest.Way.TREASURY: _("Par le Trésor public"),
}

WHY_NOT = {
    WhyNotRefunded.ONE_IS_OPEN: _("Vous avez déjà une demande en cours pour ce porte-monnaie."),
    WhyNotRefunded.NOT_THAT_MUCH: _("Ce porte-monnaie ne contient pas autant."),
    WhyNotRefunded.NO_HOLDER: NO_HOLDER,
    WhyNotRefunded.NO_FAMILY: _("Ce compte ne peut pas demander de remboursement."),
    WhyNotRefunded.ANSWERED: _("La mairie a déjà répondu à cette demande : elle ne se retire plus."),
}
ASKED = _("Votre demande est envoyée. La mairie vous répond par e-mail.")
WITHDRAWN = _("Votre demande est retirée.")
