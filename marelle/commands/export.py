"""`marelle export ID`: the configuration of an authority, as the file that `marelle load` reads."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from marelle.commands.refusal import Refused


def configure(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("authority", metavar="ID", help="le nom de la collectivité dans l’adresse")
    parser.add_argument("-o", "--output", metavar="FICHIER", type=Path, help="où l’écrire ; à l’écran sinon")


def run(options: Namespace) -> int:
    """Write the file, on the screen or where it is asked; raise Refused with a sentence."""
    from marelle.domain.authorities.models import Authority
    from marelle.domain.onboarding.queries.authority_file.writing import written
    from marelle.foundation import clock, tenancy

    authority = Authority.objects.filter(slug=options.authority).first()
    if authority is None:
        raise Refused(f"aucune collectivité « {options.authority} » n’est enregistrée.")
    with tenancy.scope({authority.pk}):
        text = written(authority, at=clock.business_now())
    if options.output is None:
        print(text, end="")
        return 0
    try:
        options.output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{options.output} ne peut pas être écrit ({error.strerror}).") from None
    print(f"{authority.name} : écrit dans {options.output}.")
    return 0
