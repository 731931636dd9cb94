"""Who can sign in to the demonstration. A test holds this list to what the files say; reading them takes a second."""

from __future__ import annotations

from typing import Final

PEOPLE: Final = (
    ("Elena Sanchez-Cordoves, Dammartin-sur-Tigeaux et JolieVille", "elena.sanchez@exemple.fr", "famille"),
    ("David Sanchez-Cordoves, Dammartin-sur-Tigeaux", "david.sanchez@exemple.fr", "famille"),
    ("Samira Benali, Dammartin-sur-Tigeaux", "samira.benali@exemple.fr", "famille"),
    ("Hélène Vasseur, Dammartin-sur-Tigeaux", "helene.vasseur@exemple.fr", "famille"),
    ("Julie Garnier, deux familles à Dammartin-sur-Tigeaux", "julie.garnier@exemple.fr", "famille"),
    ("Sandrine Morel, Dammartin-sur-Tigeaux, garde alternée", "sandrine.morel@exemple.fr", "famille"),
    ("Fabrice Lemaire, l’autre foyer des enfants Morel", "fabrice.lemaire@exemple.fr", "famille"),
    ("Pauline Claironi, Dammartin-sur-Tigeaux et JolieVille", "pauline.claironi@exemple.fr", "famille"),
    (
        "Nora Petit, pas encore de famille : sa demande attend à Dammartin-sur-Tigeaux",
        "nora.petit@exemple.fr",
        "famille",
    ),
    ("Famille du banc, Collectivité Démo", "famille.banc@exemple.fr", "famille"),
    ("Nadia Ferrand, mairie de Dammartin-sur-Tigeaux, tous les droits", "nadia.ferrand@exemple.fr", "mairie"),
    ("Bastien Roy, animateur à Dammartin-sur-Tigeaux, pointage", "bastien.roy@exemple.fr", "mairie"),
    ("Claire Meunier, mairie de JolieVille, tous les droits", "claire.meunier@exemple.fr", "mairie"),
    ("Hugo Salmon, animateur à JolieVille, pointage", "hugo.salmon@exemple.fr", "mairie"),
    ("Agent du banc, Collectivité Démo, tous les droits", "agent.banc@exemple.fr", "mairie"),
)
