"""`marelle load FICHIER.yaml`: creates or updates an authority from a readable file; the demonstration."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from marelle.domain.onboarding.operations.loading import Loaded

INVALID: Final = 1
UNREADABLE: Final = 2
DEMONSTRATION: Final = Path(__file__).parent / "demonstration"
DEMONSTRATION_FILES: Final = ("dammartin-sur-tigeaux.yaml", "jolieville.yaml")

# What is counted, said in French: one, several.
_NAMES: Final = {
    "authority": ("collectivité", "collectivités"),
    "Regie": ("régie", "régies"),
    "Facility": ("établissement", "établissements"),
    "SchoolClass": ("classe", "classes"),
    "Service": ("service", "services"),
    "Activity": ("activité", "activités"),
    "SlotTemplate": ("modèle de séance", "modèles de séance"),
    "Product": ("prestation", "prestations"),
    "ProductSlot": ("part de prestation", "parts de prestation"),
    "Reglement": ("règlement", "règlements"),
    "Tariff": ("tarif", "tarifs"),
    "Holiday": ("congé ou jour férié", "congés et jours fériés"),
    "ClosureDay": ("fermeture", "fermetures"),
    "Family": ("famille", "familles"),
    "FamilyQuotient": ("quotient", "quotients"),
    "Guardian": ("responsable", "responsables"),
    "Membership": ("appartenance", "appartenances"),
    "Child": ("enfant", "enfants"),
    "Custody": ("garde", "gardes"),
    "HealthRecord": ("fiche sanitaire", "fiches sanitaires"),
    "Enrollment": ("inscription", "inscriptions"),
    "User": ("compte", "comptes"),
    "Agent": ("agent", "agents"),
    "Grant": ("habilitation", "habilitations"),
    "KitchenSettings": ("cuisine", "cuisines"),
    "Article": ("actualité", "actualités"),
}


def configure(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("file", metavar="FICHIER", type=Path, help="la description de la collectivité, en YAML")
    parser.add_argument(
        "--force",
        action="store_true",
        help="écrase aussi les champs que la mairie a modifiés depuis le dernier chargement",
    )


def run(options: Namespace) -> int:
    """Load the file; return 0, INVALID when it is refused or UNREADABLE when there is nothing to read."""
    from django.conf import settings

    from marelle.domain.onboarding.operations.loading import load
    from marelle.domain.onboarding.queries.authority_file.reading import read_file
    from marelle.foundation import clock
    from marelle.foundation.actors import SYSTEM
    from marelle.foundation.yaml_files import InvalidFile, UnreadableFile

    try:
        loaded = load(
            read_file(options.file),
            force=options.force,
            accept_passwords=settings.IS_DEMONSTRATION,
            by=SYSTEM,
            at=clock.business_now(),
        )
    except UnreadableFile as error:
        print(f"marelle : {error}", file=sys.stderr)
        return UNREADABLE
    except InvalidFile as error:
        for fault in error.faults:
            print(fault.in_words(str(options.file)), file=sys.stderr)
        number = len(error.faults)
        print(f"marelle : {number} erreur{'s' * (number > 1)}, rien n’a été chargé.", file=sys.stderr)
        return INVALID
    report(loaded, str(options.file))
    return 0


def report(loaded: Loaded, file: str) -> None:
    """Print what came of a file."""
    for kept in loaded.kept:
        print(kept.in_words(file))
    if loaded.kept:
        print("(--force écrase ce que la mairie a modifié)")
    if not loaded.has_changed:
        print(f"{loaded.authority.name} : rien à changer.")
        return
    print(f"{loaded.authority.name} :")
    for title, counter in (("créé", loaded.created), ("modifié", loaded.changed)):
        for kind, number in counter.items():
            print(f"  {number} {_NAMES[kind][number > 1]} ({title})")
    if loaded.opened_slots:
        print(
            f"  {loaded.opened_slots} séance{'s' * (loaded.opened_slots > 1)} ouverte{'s' * (loaded.opened_slots > 1)}"
        )


def is_empty() -> bool:
    """Tell whether the database holds no authority yet."""
    from marelle.domain.authorities.models import Authority

    return not Authority.objects.exists()


def load_demonstration() -> None:
    """Load the three authorities of the demonstration and bring them to life, all or nothing."""
    from django.db import transaction

    from marelle.commands.demonstration.applications import ask, sample_document
    from marelle.commands.demonstration.custody import ask_each_other, share_custody
    from marelle.commands.demonstration.files import fill_files
    from marelle.commands.demonstration.invoices import bill_the_past
    from marelle.commands.demonstration.life import live
    from marelle.commands.demonstration.menus import write_menus
    from marelle.commands.demonstration.tills import open_tills
    from marelle.commands.demonstration.waiting import wait_at_the_door
    from marelle.commands.demonstration.water import bring_water
    from marelle.commands.generate import DEMONSTRATION_FAMILIES, PASSWORD, generate_authority
    from marelle.domain.onboarding.operations.loading import load
    from marelle.domain.onboarding.queries.authority_file.reading import read_file
    from marelle.foundation import clock
    from marelle.foundation.actors import SYSTEM

    at = clock.business_now()
    document = sample_document()
    with transaction.atomic():
        for name in DEMONSTRATION_FILES:
            loaded = load(read_file(DEMONSTRATION / name), accept_passwords=True, by=SYSTEM, at=at)
            open_tills(loaded.authority, by=SYSTEM, at=at)
            share_custody(loaded.authority, by=SYSTEM, at=at)
            live(loaded.authority, by=SYSTEM, at=at)
            bill_the_past(loaded.authority, by=SYSTEM, at=at)
            bring_water(loaded.authority, by=SYSTEM, at=at)
            wait_at_the_door(loaded.authority, password=PASSWORD, by=SYSTEM, at=clock.machine_now())
            fill_files(loaded.authority, by=SYSTEM, at=at)
            write_menus(loaded.authority, by=SYSTEM, at=at)
            ask_each_other(loaded.authority, by=SYSTEM, at=at)
            ask(loaded.authority, document, by=SYSTEM, at=at)
        generate_authority(DEMONSTRATION_FAMILIES, by=SYSTEM, at=at)


def demonstration_people() -> list[tuple[str, str, str, str]]:
    """Return who can sign in to the demonstration: (who, e-mail, password, « famille » or « mairie »)."""
    from marelle.commands.demonstration.people import PEOPLE
    from marelle.commands.generate import PASSWORD

    return [(who, email, PASSWORD, side) for who, email, side in PEOPLE]


def demonstration_invoices() -> list[tuple[str, str]]:
    """Return what anybody may pay in the demonstration without an account: (reference, amount)."""
    from marelle.commands.demonstration.water import INVOICES, OF_ELENA
    from marelle.foundation.money import in_euros

    return [(one.reference, in_euros(one.cents)) for one in INVOICES if one.reference != OF_ELENA]
