"""What the ways in say."""

from __future__ import annotations

from marelle.domain.families.rules import removals

EMAIL = "Adresse e-mail"
EMAIL_HINT = "Elle devient votre identifiant de connexion : conservez-la bien."
BAD_EMAIL = "Écrivez une adresse e-mail, par exemple nom@exemple.fr."
PASSWORD = "Mot de passe"  # noqa: S105  a label
PHONE = "Téléphone"
BAD_PHONE = "Écrivez un numéro, par exemple 06 12 34 56 78."
CODE = "Code d’adhésion"
CODE_HINT = "12 lettres et chiffres, par exemple 7KQM-X2PD-9RHV. Majuscules, espaces et tirets n’ont pas d’importance."
NO_CODE = "Écrivez le code que la mairie vous a donné."
# One sentence for every code that does not serve, whatever the reason.
BAD_CODE = (
    "Ce code ne peut pas servir : il est mal recopié, trop ancien, ou il a déjà servi. Relisez-le, ou demandez-en un"
    " autre à votre mairie."
)
ALREADY_IN_FAMILY = (
    "Votre compte a déjà accès à cette famille. Ce code est pour un autre responsable, avec son propre compte."
)
REMOVED = removals.REMOVED
AUTHORITY = "Commune ou collectivité"
CHOOSE_AUTHORITY = "Choisissez une commune de la liste."
FIRST_NAME = "Votre prénom"
LAST_NAME = "Votre nom"
CHILD_FIRST_NAME = "Prénom de l’enfant"
CHILD_LAST_NAME = "Nom de l’enfant"
BIRTH_DATE = "Date de naissance de l’enfant"
BAD_BIRTH_DATE = "Écrivez sa date de naissance, par exemple 09/04/2017."
WORDS = "Un mot pour la mairie"
TOO_LONG = "500 caractères au plus."
ONE_CHILD = "Un seul enfant suffit : la mairie retrouve les autres."
ALREADY_ASKED = "Vous avez déjà une demande en attente dans cette commune : la mairie va vous répondre."
