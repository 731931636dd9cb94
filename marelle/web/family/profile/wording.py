"""What the profile says."""

from django.utils.translation import gettext_lazy as _

TABS = (
    ("profile", _("Compte famille")),
    ("profile_guardians", _("Responsables")),
    ("profile_children", _("Enfants")),
)
RECORDED = _("C’est enregistré. La mairie voit vos nouvelles informations.")
PROPOSED = _("Votre demande est partie à la mairie : {fields}. Votre dossier change dès qu’elle l’accepte.")
UNCHANGED = _("Rien n’a changé : c’était déjà enregistré.")
CHANGE_WITHDRAWN = _("Votre demande de modification est retirée.")
ALREADY_ANSWERED = _("La mairie avait déjà répondu à cette demande.")
ON_REQUEST_ONLY = _("Cette information se change sur demande : adressez-vous à la mairie.")
HINTS = {
    "family_name": _("Cette information sera utilisée pour le nom de votre foyer."),
    "family_email": _("La mairie y écrit au foyer."),
    "guardian_email": _("La mairie vous y écrit. Votre identifiant de connexion ne change pas."),
    "child_diet": _(
        "Par exemple « sans porc » ou « sans viande ». Laissez vide s’il n’y en a pas. N’écrivez pas pourquoi."
    ),
    "child_allergies": _("Seulement ce qu’il faut éviter. Laissez vide s’il n’y en a pas."),
}
READ_FIRST = _("La mairie accepte ce changement avant qu’il compte.")
STILL_WAITING = _("En attente de la mairie. Votre dossier dit encore : {old}.")
CHOOSE_DEPARTMENT = _("Choisissez…")
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
COMING_ADDRESS = _("Nouvelle adresse à partir du {day}")
CARE_PLAN_LAPSED = _("{day} : à renouveler. La mairie continue de l’appliquer en attendant.")
NO_DIET = _("Aucun régime signalé")
NO_ALLERGY = _("Aucune allergie signalée")

PICKUP_NOTED = _("C’est noté : {name} peut venir chercher {children}.")
PICKUP_ENDED = _("C’est noté : {name} ne peut plus venir chercher vos enfants.")
PICKUP_ALREADY_ENDED = _("Cette personne avait déjà été retirée.")
PICKUP_NAME = _("Nom et prénom")
PICKUP_RELATION = _("Lien avec vos enfants")
PICKUP_PHONE = _("Téléphone")
PICKUP_CHILDREN = _("Enfants")
PICKUP_FROM = _("À partir du")
PICKUP_UNTIL = _("Jusqu’au")
BAD_DAY = _("Indiquez un jour, par exemple 24/11/2026.")
TOO_LONG = _("C’est trop long : raccourcissez.")

CONSENT_RECORDED = _("Votre réponse est enregistrée.")
CONSENT_UNCHANGED = _("Rien n’a changé : c’était déjà votre réponse.")
CONSENT_GONE = _("Ce texte a changé pendant que vous le lisiez. Le voici à jour : relisez-le, puis répondez.")
ANSWER_EACH = _("Répondez oui ou non.")
YES, NO = _("Oui, j’accepte"), _("Non, je refuse")
FOR_THE_HOME = _("Votre réponse")

CONFIRMED = _("Merci. Votre dossier est confirmé à jour.")
FILE_CHANGED = _("Votre dossier a changé pendant que vous le lisiez. Le voici à jour : relisez-le, puis confirmez.")
CONFIRM = _("Je confirme que mon dossier est à jour")
CONFIRM_FIRST = _("Cochez la case quand vous avez tout relu.")

PHOTO_AGREED = _("J’accepte que la mairie garde cette photo, vue par les agents seulement.")
PHOTO_KEPT = _("La photo de {name} est enregistrée : seuls les agents qui l’accueillent la voient.")
PHOTO_REMOVED = _("La photo de {name} est effacée.")
PHOTO_ALREADY_REMOVED = _("Il n’y avait plus de photo de {name}.")
