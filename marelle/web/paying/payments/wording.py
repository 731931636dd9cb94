"""What the pages of payments say."""

from django.utils.translation import gettext_lazy as _

SITE_OF = {
    "payfip": _("sur le site de PayFiP, de la direction générale des finances publiques"),
    "payzen": _("sur le site de PayZen, de la banque de la régie"),
}
SITE = _("sur le site de {name}")
AT_DESK = _("à la régie, au guichet")
FROM_WALLET = _("avec votre porte-monnaie")

PAYMENTS_TAB = _("Mes paiements")
WALLET_TAB = _("Porte-monnaie")

PAID = _("Payé")
WAITING = _("En attente de réponse")
TO_PAY = _("À payer")
LATER = _("À payer ensuite")
DESK = _("À régler au guichet")
REFUSED = _("Refusé")
ABANDONED = _("Abandonné")
EXPIRED = _("Expiré")

NOTHING_TAKEN = _("Rien n’a été débité.")
CLOSED = {
    "refused": _("Le paiement a été refusé. Rien n’a été débité."),
    "abandoned": _("Le paiement a été abandonné. Rien n’a été débité."),
    "expired": _("Le temps pour payer est passé. Rien n’a été débité."),
}
GIVEN_UP = _("Vous avez renoncé à ce paiement. Rien n’a été débité.")
NEVER_BEGUN = _("La page de paiement n’a pas été ouverte à temps. Rien n’a été débité.")
BACK_IN_BASKET = _("Les places sont revenues dans votre panier, au prix d’aujourd’hui. Elles ne sont plus gardées.")
BACK_IN_BASKET_ONE = _("La place est revenue dans votre panier, au prix d’aujourd’hui. Elle n’est plus gardée.")
STILL_OWED = _("Ces factures restent à payer.")
STILL_OWED_ONE = _("Cette facture reste à payer.")
WAIT_FOR = _(
    "Nous attendons la réponse de {name}. Cette page se met à jour seule ; vous pouvez aussi la quitter, "
    "un courriel vous dira la suite."
)
WAIT_HERE = _(
    "Nous attendons la réponse de {name}. Cette page se met à jour seule : gardez-la ouverte, la quittance y vient."
)
KEEP_RECEIPT = _("Gardez la quittance : elle se télécharge et s’imprime ici, depuis cet appareil, pendant un jour.")
OR_AGAIN = _(
    "Vous n’avez pas payé ? Recommencez : une nouvelle page de paiement s’ouvre. Si vous venez de payer, attendez."
)
LEFT_PAGE = _(
    "Vous avez quitté la page de paiement sans payer. Recommencez avant {limit}, ou renoncez : "
    "rien n’a été débité jusqu’ici."
)
PAID_BEFORE = _("C’est déjà payé : ne payez pas une seconde fois. Cette page de paiement se fermera seule.")
PAID_TWICE = _("Vous avez payé deux fois : {amount} sont versés à votre porte-monnaie.")
BEGUN_AGAIN = _("Un nouveau paiement a pris la place de celui-ci.")
ENDS_ALONE = _("S’il n’est pas payé, ce paiement se ferme seul vers {hour}.")
PLACES_KEPT = _("Vos places sont gardées jusque-là.")
PLACES_CONFIRMED = _("Vos places sont confirmées.")
PLACES_GONE = _(
    "{places} avai{ent} été rendue{s} avant que le paiement arrive, et quelqu’un d’autre {has}. "
    "Leur prix est versé à votre porte-monnaie."
)
OVER = _("{amount} sont versés à votre porte-monnaie.")
OVER_INVOICES = _("{amount} sont versés à votre porte-monnaie : une facture avait déjà été réglée par ailleurs.")
OVER_FOR_HOLDER = _(
    "Cette facture avait déjà été réglée par ailleurs : {amount} sont gardés en avance pour la personne à qui elle est "
    "adressée. Elle peut en demander le remboursement à la régie."
)
TOPPED_UP = _("{amount} sont sur votre porte-monnaie.")
ALREADY_ENDED = _("Ce paiement ne peut plus être ouvert. Voici où il en est.")
NOT_YET = _("Pas encore de réponse. Nous continuons de demander.")
UNABLE = _("Le paiement n’a pas pu commencer")
