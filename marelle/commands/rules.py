"""`marelle rules`: published rules checked and explained, recorded règlements tried over a school year."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from marelle.commands import rules_simulate

FAILED: Final = 1
UNREADABLE: Final = 2


def configure(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, dest="rules_action")
    check = actions.add_parser(
        "check",
        help="compare nos décisions aux cas publiés",
        description="Compare nos décisions aux cas publiés. État de sortie : 1 si un cas diffère, 2 si un fichier ne "
        "se lit pas.",
    )
    check.add_argument("files", metavar="FICHIER", type=Path, nargs="+", help="des règles publiées, en YAML")
    explain = actions.add_parser("explain", help="dit en français les règles d’une collectivité du fichier")
    explain.add_argument("file", metavar="FICHIER", type=Path, help="des règles publiées, en YAML")
    explain.add_argument("--authority", metavar="ID", required=True, help="l’identifiant (id) de la collectivité")
    rules_simulate.configure(
        actions.add_parser("simulate", help="essaie les règlements enregistrés sur une année scolaire")
    )


def run(options: Namespace) -> int:
    """Do the action; return 0, FAILED when a case differs, UNREADABLE when a file cannot be read."""
    if options.rules_action == "check":
        return check_files(options.files)
    if options.rules_action == "simulate":
        return rules_simulate.run(options)
    return explain_authority(options.file, options.authority)


def check_files(paths: list[Path]) -> int:
    """Print every disagreement, what is skipped by kind, and one closing line for all the files."""
    from marelle.commands.published_rules.checking import check, disagreement_in_words, skipped_in_words, total_in_words
    from marelle.commands.published_rules.reading import read_corpus
    from marelle.foundation.yaml_files import InvalidFile, UnreadableFile

    verdicts, is_unreadable, is_read = [], False, False
    for path in paths:
        try:
            corpus = read_corpus(path)
            found = check(corpus)
        except (UnreadableFile, InvalidFile) as error:
            say_unreadable(path, error)
            is_unreadable = True
            continue
        is_read = True
        verdicts += found
        for lines in disagreement_in_words(corpus, found):
            print("\n".join(lines), end="\n\n")
    if is_read:
        print("\n".join([*skipped_in_words(verdicts), total_in_words(verdicts)]))
    if is_unreadable:
        return UNREADABLE
    return FAILED if any(verdict.is_failed for verdict in verdicts) else 0


def explain_authority(path: Path, authority: str) -> int:
    """Print in French what is expressed of each service of an authority, and what is not."""
    from marelle.commands.published_rules.explaining import explained
    from marelle.commands.published_rules.reading import read_corpus
    from marelle.foundation.yaml_files import InvalidFile, UnreadableFile

    try:
        corpus = read_corpus(path)
        entries = [entry for entry in corpus.entries if entry.id == authority]
        lines = [line for entry in entries for line in explained(corpus, entry)]
    except (UnreadableFile, InvalidFile) as error:
        say_unreadable(path, error)
        return UNREADABLE
    if not entries:
        print(f"marelle : {path} ne décrit aucune collectivité « {authority} ».", file=sys.stderr)
        return UNREADABLE
    print("\n".join(lines))
    return 0


def say_unreadable(path: Path, error: Exception) -> None:
    """Print why a file is refused, a line a fault, as compilers do."""
    from marelle.foundation.yaml_files import InvalidFile

    if not isinstance(error, InvalidFile):
        print(f"marelle : {error}", file=sys.stderr)
        return
    for fault in error.faults:
        print(fault.in_words(str(path)), file=sys.stderr)
    print(f"marelle : {path} ne peut pas être lu.", file=sys.stderr)
