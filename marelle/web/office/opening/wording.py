"""The words of the opening of a town."""

from __future__ import annotations

from typing import Final

BY_DEPARTMENT: Final = "departement"
ZONES: Final = (
    (BY_DEPARTMENT, "Celle du département"),
    ("A", "Zone A"),
    ("B", "Zone B"),
    ("C", "Zone C"),
    ("propre", "Calendrier propre"),
)
OVERSEAS: Final = (
    ("975", "Saint-Pierre-et-Miquelon"),
    ("977", "Saint-Barthélemy"),
    ("978", "Saint-Martin"),
    ("986", "Wallis-et-Futuna"),
    ("987", "Polynésie française"),
    ("988", "Nouvelle-Calédonie"),
)
CHOOSE: Final = "Choisissez dans la liste."
NO_NAME: Final = "Écrivez le nom de la collectivité."
TOO_LONG: Final = "C’est trop long."
NO_WHO: Final = "Écrivez votre prénom et votre nom."
NO_EMAIL: Final = "Écrivez une adresse comme prenom.nom@mairie.fr."
CHOOSE_ONE: Final = "Choisissez un mot de passe."
NO_PHONE: Final = "Écrivez un numéro comme 01 64 00 00 10."
NO_INSEE: Final = "Un code INSEE compte cinq signes, comme 77154."
NO_SIRET: Final = "Un SIRET compte 14 chiffres, et celui-ci n’est pas juste."
NO_SLUG: Final = "Écrivez des lettres sans accent, des chiffres et des tirets, comme saint-denis."
SLUG_TAKEN: Final = "Ce nom est déjà pris dans les adresses du site : choisissez-en un autre."
LONG_ENOUGH: Final = (
    "12 caractères au moins. Si vous avez déjà un compte Marelle à cette adresse, il garde son mot de passe."
)
