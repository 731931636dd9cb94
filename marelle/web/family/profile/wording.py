"""What the profile says."""

from django.utils.translation import gettext_lazy as _

TABS = (
    ("profile", _("Compte famille")),
    ("profile_guardians", _("Responsables")),
    ("profile_children", _("Enfants")),
)
EMAIL = _("Adresse e-mail de contact")
PHONE = _("Téléphone")
BAD_EMAIL = _("Vérifiez cette adresse : il manque peut-être l’arobase (@) ou la fin.")
BAD_PHONE = _("Vérifiez ce numéro : dix chiffres, ou un numéro étranger qui commence par +.")
RECORDED = _("C’est enregistré. La mairie voit vos nouvelles coordonnées.")
UNCHANGED = _("Rien n’a changé : ces coordonnées étaient déjà enregistrées.")
DELIVERY = _("Comment les recevoir ?")
NO_DELIVERY = _("Choisissez : par e-mail, ou sur papier.")
NO_REGIE = _("Cette régie n’est pas de votre commune : rien n’est enregistré.")
DELIVERY_CHOSEN = _("C’est enregistré : cela vaut pour vos prochaines factures.")
NO_QUOTIENT = _("Non renseigné")
GIVEN_BY = {"CNAF": _("la CAF"), "MSA": _("la MSA")}
GIVEN_BY_ONE_OF_THEM = _("la CAF ou la MSA")
# Who told what: the family knows which administration its town hall asked.
QUOTIENT_GIVEN = _(
    "La mairie l’a demandé à {given_by}, par API Particulier : vous n’avez pas de justificatif à fournir. S’il est"
    " faux, voyez avec {given_by}."
)
QUOTIENT_KEPT = _("Pour le faire changer, adressez-vous à la mairie.")
NO_DIET = _("Aucun régime signalé")
NO_ALLERGY = _("Aucune allergie signalée")
