"""`marelle tariffs`: tariffs with worked prices, checked."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from marelle.commands.rules import FAILED, UNREADABLE, say_unreadable


def configure(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, dest="tariffs_action")
    check = actions.add_parser(
        "check",
        help="compare nos prix aux prix publiés",
        description="Compare nos prix aux prix publiés. État de sortie : 1 si un prix diffère, 2 si un fichier ne "
        "se lit pas.",
    )
    check.add_argument("files", metavar="FICHIER", type=Path, nargs="+", help="des tarifs et leurs prix, en YAML")


def run(options: Namespace) -> int:
    """Do the action; return 0, FAILED when a price differs, UNREADABLE when a file cannot be read."""
    return check_files(options.files)


def check_files(paths: list[Path]) -> int:
    """Print every disagreement, what is skipped by kind, and one closing line for all the files."""
    from marelle.commands.published_rules.checking import skipped_in_words, total_in_words
    from marelle.commands.published_tariffs.checking import price_disagreement_in_words
    from marelle.commands.published_tariffs.reading import read_worked
    from marelle.commands.published_tariffs.worked import judge
    from marelle.foundation.yaml_files import InvalidFile, UnreadableFile

    verdicts, is_unreadable, is_read = [], False, False
    for path in paths:
        try:
            found = [judge(worked) for worked in read_worked(path)]
        except (UnreadableFile, InvalidFile) as error:
            say_unreadable(path, error)
            is_unreadable = True
            continue
        is_read = True
        verdicts += found
        for verdict in found:
            if verdict.is_failed:
                print("\n".join(price_disagreement_in_words(verdict)), end="\n\n")
    if is_read:
        print("\n".join([*skipped_in_words(verdicts), total_in_words(verdicts)]))
    if is_unreadable:
        return UNREADABLE
    return FAILED if any(verdict.is_failed for verdict in verdicts) else 0
