"""What the screens of direct debits say. The mandate's own words are those of the SEPA rules (EPC392-08)."""

from django.utils.translation import gettext_lazy as _

from marelle.domain.payments.operations.mandates import WhyNotSigned

HOLDER = _("Titulaire du compte")
ADDRESS = _("Adresse du titulaire")
IBAN = _("IBAN")
BIC = _("BIC")
PLACE = _("Signé à")
CONSENT = _("Je signe ce mandat de prélèvement")
NO_HOLDER = _("Indiquez le nom du titulaire, comme sur le relevé d’identité bancaire.")
NO_ADDRESS = _("Indiquez l’adresse du titulaire du compte.")
NO_PLACE = _("Indiquez la commune où vous signez.")
NO_CONSENT = _("Cochez cette case pour signer.")
TOO_LONG = _("Ce texte est trop long.")

WHY_NOT = {
    WhyNotSigned.NO_CREDITOR: _("Cette régie ne propose pas le prélèvement pour le moment."),
    WhyNotSigned.NO_FAMILY: _("Ce compte ne peut pas signer de mandat."),
    WhyNotSigned.SIGNED_ALREADY: _("Un mandat est déjà signé pour cette régie."),
    WhyNotSigned.INCOMPLETE: _("Il manque le titulaire, son adresse ou le lieu."),
    WhyNotSigned.NOT_LIVING: _("Ce mandat ne sert plus : signez-en un autre."),
    WhyNotSigned.SAME_ACCOUNT: _("C’est déjà le compte de ce mandat."),
}
SIGNED = _("Votre mandat est signé. Une confirmation part par e-mail.")
AMENDED = _("Le nouveau compte est enregistré. Une confirmation part par e-mail.")
REVOKED = _("Votre mandat est révoqué. Une confirmation part par e-mail.")
SUSPENDED = _(
    "La banque a rejeté un prélèvement : {reason}. Donnez un autre compte pour que le mandat serve à nouveau, ou "
    "révoquez-le."
)
LAPSED = _("Ce mandat n’a servi à rien pendant trente-six mois : il est périmé. Vous pouvez en signer un autre.")
AGREEMENT = (
    _(
        "En signant ce mandat, vous autorisez {creditor} à envoyer des instructions à votre banque pour débiter votre "
        "compte, et votre banque à débiter votre compte conformément aux instructions de {creditor}."
    ),
    _(
        "Vous avez le droit d’être remboursé par votre banque, selon la convention que vous avez passée avec elle. Une "
        "demande de remboursement doit être présentée dans les huit semaines suivant la date de débit de votre compte "
        "pour un prélèvement autorisé, et sans tarder, au plus tard dans les treize mois, pour un prélèvement non "
        "autorisé."
    ),
    _("Vos droits sont expliqués dans un document que vous pouvez obtenir auprès de votre banque."),
    _(
        "Avant chaque prélèvement, vous recevez un message qui dit le montant et le jour, au moins quatorze jours "
        "avant. Vous pouvez révoquer ce mandat à tout moment."
    ),
)
