"""The command line: reads which command is asked for, loads only that one, says errors in one line."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from marelle.commands.database import opened_database
from marelle.commands.refusal import Refused
from marelle.config.environment import BadEnvironment
from marelle.foundation.embedded_postgres import DatabaseServerFailed


@dataclass(frozen=True)
class Command:
    """A module with `configure(parser)` and `run(options) -> int`, and what it needs before it is loaded."""

    module: str
    purpose: str
    needs_database: bool = True


COMMANDS = {
    "run": Command("marelle.commands.run", "démarre le portail, la base et les tâches", needs_database=False),
    "load": Command("marelle.commands.load", "crée ou met à jour une collectivité décrite par un fichier"),
    "export": Command("marelle.commands.export", "écrit la configuration d'une collectivité dans un fichier"),
    "open-town": Command("marelle.commands.open_town", "donne le lien par lequel une collectivité ouvre son espace"),
    "generate": Command("marelle.commands.generate", "fabrique une collectivité d'essai de la taille voulue"),
    "rules": Command("marelle.commands.rules", "vérifie et explique des règles publiées", needs_database=False),
    "tariffs": Command("marelle.commands.tariffs", "vérifie des tarifs et leurs prix", needs_database=False),
    "procedures": Command("marelle.commands.procedures", "montre et ajoute les démarches prêtes"),
    "clients": Command("marelle.commands.clients", "déclare les sites où l’on entre avec son compte"),
    "worker": Command("marelle.commands.worker", "exécute les tâches en attente"),
    "manage": Command("marelle.commands.manage", "lance une commande de Django"),
    "reset": Command("marelle.commands.reset", "efface la base embarquée de ce dossier", needs_database=False),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks and return the exit status; an error of the user's is one line."""
    asked = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _dispatch(asked)
    except (Refused, BadEnvironment, DatabaseServerFailed) as error:
        print(f"marelle : {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _dispatch(asked: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="marelle",
        description="Marelle, le portail famille des collectivités.",
        epilog="« marelle COMMANDE --help » décrit une commande.",
        add_help=False,
    )
    parser.add_argument("-h", "--help", action="help", help="affiche cette aide")
    parsers = parser.add_subparsers(title="commandes", metavar="COMMANDE", required=True)
    name = asked[0] if asked else ""
    for each, command in COMMANDS.items():
        own = parsers.add_parser(each, help=command.purpose, description=command.purpose.capitalize() + ".")
        if each == name:
            chosen = own
    if name not in COMMANDS:
        parser.parse_args(asked or ["--help"])  # prints what is wrong, or the help, and ends
        return 2
    if not COMMANDS[name].needs_database:
        return _obey(parser, chosen, asked)
    if name != "manage" and {"-h", "--help"} & set(asked):
        _set_django_up()
        return _obey(parser, chosen, asked)
    with opened_database():
        _set_django_up()
        return _obey(parser, chosen, asked)


def _obey(parser: argparse.ArgumentParser, chosen: argparse.ArgumentParser, asked: list[str]) -> int:
    module = importlib.import_module(COMMANDS[asked[0]].module)
    if asked[0] == "manage":  # Django reads the rest of the line itself
        return int(module.run(asked[1:]))
    module.configure(chosen)
    return int(module.run(parser.parse_args(asked)))


def _set_django_up() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.config.settings")
    django.setup()
