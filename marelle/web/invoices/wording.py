"""What the invoices site says."""

from django.utils.translation import gettext_lazy as _

REFERENCE = _("Référence de la facture")
REFERENCE_HINT = _(
    "Elle est écrite sur la facture, par exemple 7KQ2-M9XD-4TRB5. Majuscules et tirets n’ont pas d’importance."
)
NO_REFERENCE = _("Écrivez la référence, telle qu’elle est sur la facture.")
AMOUNT = _("Montant")
AMOUNT_HINT = _("Le total de la facture, ou ce qu’il en reste à payer. Par exemple 82,40.")
BAD_AMOUNT = _("Écrivez le montant en euros, par exemple 82,40.")
EMAIL = _("Adresse e-mail, pour recevoir la quittance")
EMAIL_HINT = _("Elle ne sert qu’à cela, puis elle est effacée.")
BAD_EMAIL = _("Écrivez une adresse e-mail, par exemple nom@exemple.fr, ou laissez vide.")

# One sentence for every pair that opens nothing, whatever the reason.
WRONG_PAIR = _(
    "Aucune facture à payer ici ne porte à la fois cette référence et ce montant. Relisez les deux. Si la collectivité "
    "n’a pas rejoint ce service, payez comme c’est écrit sur la facture."
)
BEING_PAID = _(
    "Un paiement de cette facture est déjà en cours. Attendez quelques minutes, puis revenez : cette page dira si elle "
    "est payée."
)
CHANGED = _("Ce qui reste à payer a changé entre-temps. Rien n’a été débité. Vérifiez, puis recommencez.")
ADDED = _("C’est fait : cette facture est dans vos factures.")
ALREADY_YOURS = _("Cette facture est déjà dans vos factures.")
PAY_ANOTHER = _("Payer une autre facture")
OF_A_FAMILY = _(
    "Cette facture est adressée à une famille : elle se paie ici, mais ne s’ajoute pas à votre compte. Si c’est la "
    "vôtre, rattachez d’abord votre compte à elle, dans l’Espace famille."
)
UNDER_WAY = _("Un paiement de cette facture a commencé à {hour}.")
