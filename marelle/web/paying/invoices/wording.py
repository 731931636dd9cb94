"""What Mes factures says."""

from django.utils.translation import gettext_lazy as _

from marelle.domain.billing.models import Posting

TO_PAY_TAB = _("Factures à payer")
PAID_TAB = _("Factures payées")

PAYMENT_CANCELLED = _("Paiement de {amount} annulé le {day} : cette somme est de nouveau due.")
BY_MEANS = {
    Posting.Means.CARD: _("par carte bancaire"),
    Posting.Means.CASH: _("en espèces"),
    Posting.Means.CHEQUE: _("par chèque"),
    Posting.Means.TRANSFER: _("par virement"),
    Posting.Means.DEBIT: _("par prélèvement"),
    Posting.Means.CESU: _("en CESU"),
    Posting.Means.OTHER: "",
}
BY_CREDIT = _("par l’avoir {number}")
BY_WALLET = _("par votre avance")
AT_TREASURY = _("au Trésor public")
AT_TREASURY_TAG = _("au Trésor public")
WRITTEN_OFF = _("{amount} ne sont plus dus depuis le {day} : le Trésor public y a renoncé.")
WRITTEN_OFF_TAG = _("Plus due")
WITHDRAWN_TAG = _("Retirée le {day}")
WITHDRAWN = _("Retirée le {day} par le service qui l’avait émise : il n’y a rien à payer.")

PART_PAID = _("Déjà réglé {paid}, reste {left}.")
RECOVERY = _(
    "Cette somme est remise au Trésor public{number} : c’est lui qui vous écrit, et c’est à lui qu’elle se paie. "
    "Elle ne se règle plus ici."
)
RECOVERY_NUMBER = _(", titre n° {number}")
CORRECTS = {
    "complementary": _("Complète la facture {number}."),
    "credit_note": _("Corrige la facture {number}."),
}
CREDIT_WENT = _("{amount} déduits de la facture {numbers}, le {day}.")
CREDIT_KEPT = _("{amount} gardés en avance sur votre compte, le {day}.")
CREDIT_LEFT = _("{left} viendront en déduction de vos prochaines factures.")
DEBIT = _("Prélèvement de {amount} prévu le {day}")
DEBIT_MADE = _("Prélèvement de {amount} du {day} : la banque ne l’a pas encore confirmé")
KNOWN_UNTIL = _("Les paiements sont connus jusqu’au {day}.")
SEVERAL_TOWNS = _(
    "Chaque commune a sa propre caisse : les factures de deux communes se règlent en deux paiements, l’un après "
    "l’autre."
)
SEVERAL_TILLS = _(
    "Chaque régie a sa propre caisse : les factures de deux régies se règlent en deux paiements, l’un après l’autre."
)
CHANGED = _("Ce qui reste à payer a changé entre-temps. Rien n’a été débité. Vérifiez, puis recommencez.")
WRONG_AMOUNT = _("Indiquez un montant, {most} au plus.")
TOO_LITTLE = _("Le paiement en ligne commence à {lowest} : utilisez votre porte-monnaie, ou payez au guichet.")
TOO_MUCH = _(
    "Le paiement en ligne s’arrête à {highest} : payez au guichet, ou en plusieurs fois si la régie l’accepte."
)
PAY = _("Payer {amount}")
PAY_FIRST = _("Commencer : payer {amount}")
PAY_FROM_WALLET = _("Payer avec mon porte-monnaie")
GO_ON = _("Continuer vers le paiement")
UNDER_WAY = _("Un paiement a commencé à {hour}.")
PAID_ONLINE = _("La page suivante dit quoi payer à qui ; vous payez ensuite en ligne, par carte ou prélèvement.")
PAID_BOTH_WAYS = _("La page suivante dit ce qui se paie en ligne, et où régler le reste.")
PAID_AT_DESK = _("Ces factures se règlent au guichet : la page suivante dit où, et quelle référence rappeler.")
