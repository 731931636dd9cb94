"""Files that a town brings, written as those who make them do: our own words, their columns."""

from __future__ import annotations

from datetime import UTC, date, datetime

from marelle.domain.authorities.models import Authority, Facility
from marelle.domain.onboarding.models import ColumnMapping, Import
from marelle.domain.onboarding.operations.imports.checking import receive_file
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import permitted

AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
ON = date(2026, 11, 23)
NEW_PUPILS = (
    "Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Sexe;INE;Adresse1;Cp1;Commune1;Pays1;Adresse2;Cp2;"
    "Commune2;Pays2; Cycle;Niveau;Libellé classe;Identifiant classe;Attestation fournie;Autorisation associations;"
    "Autorisation photo;Décision de passage"
)
OLD_PUPILS = (
    "Nom Elève;Nom d'usage Elève;Prénom Elève;Date naissance;Sexe;Adresse;CP;Commune;Pays; Cycle;Niveau;Classe;"
    "Attestation fournie;Autorisations associations/photos"
)


def pupil(last, first, born, school_class="", level="", *, usage=""):
    """Write a row of ONDE, new layout, with the separator that it leaves at the end."""
    home = "1 rue du Bac;77000;MELUN;FRANCE;;;;"
    return f"{last};{usage};{first};{born};F;0123456789A;{home};CYCLE II;{level};{school_class};1;O;N;N;;"


def onde(header, *rows):
    """Write a file as ONDE does: ISO-8859-1, ends of lines of Windows."""
    return "".join(f"{line}\r\n" for line in (header, *rows)).encode("iso-8859-1")


def school_of(authority: Authority) -> Facility:
    """Return the first school of an authority."""
    with tenancy.scope({authority.pk}):
        return Facility.objects.filter(authority=authority).order_by("pk")[0]


def make_import(
    authority: Authority, *, by: int | None = None, names: tuple[str, str] = ("ROUSSEL", "Anaïs")
) -> Import:
    """Bring a file of one pupil, whom nobody knows yet, and remember its columns."""
    last, first = ('"' + name.replace('"', '""') + '"' for name in names)
    content = onde(NEW_PUPILS, pupil(last, first, "09/04/2019", "CP", "CP"))
    with permitted("factory"), tenancy.scope({authority.pk}):
        ColumnMapping.objects.create(
            authority=authority, kind="onde-eleves", signature="0" * 32, columns={"last_name": [0]}, chosen_at=AT
        )
        return receive_file(
            authority,
            content,
            kind="onde-eleves",
            name="eleves.csv",
            facility=school_of(authority),
            on=ON,
            by=Actor(ActorKind.AGENT, by),
            at=AT,
        )
