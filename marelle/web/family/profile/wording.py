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
NO_DIET = _("Aucun régime signalé")
NO_ALLERGY = _("Aucune allergie signalée")
