"""`marelle open-town`: a link by which a town opens its space and names who will set it up."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from typing import Final

from marelle.commands.refusal import Refused

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST: Final = 254


def configure(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--email", metavar="ADRESSE", required=True, help="l’adresse de qui réglera la collectivité")
    parser.add_argument("--name", metavar="NOM", default="", help="ses prénom et nom, que la page propose")


def run(options: Namespace) -> int:
    """Print a link, good for two days and once; raise Refused for what is no address."""
    if not _EMAIL.fullmatch(options.email) or len(options.email) > _LONGEST:
        raise Refused(f"« {options.email} » n’est pas une adresse e-mail.")
    print("Lien à transmettre, qui sert une fois, pendant deux jours :\n")
    print(f"  {opening_link(options.email, options.name)}")
    return 0


def opening_link(email: str = "", name: str = "") -> str:
    """Return a new link; without an address, the page asks for it."""
    from django.conf import settings
    from django.urls import reverse

    from marelle.domain.onboarding.operations.opening import make_opening_link
    from marelle.domain.onboarding.queries.opening import ForWhom
    from marelle.foundation import clock
    from marelle.foundation.actors import SYSTEM

    token = make_opening_link(ForWhom(email, name), by=SYSTEM, at=clock.machine_now())
    path = reverse("town_opening", urlconf="marelle.config.urls_office", kwargs={"opening": token})
    return f"{settings.OFFICE_URL}{path}"
