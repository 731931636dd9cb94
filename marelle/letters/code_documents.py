"""Membership codes as letters: one for each family, by class, as they are handed out at school."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from django.conf import settings

from marelle.domain.families.queries.joining import children_at_school
from marelle.domain.families.rules.codes import in_groups
from marelle.letters.billing_documents import LOGO_TYPES, address_lines
from marelle.letters.documents.codes import CodeLetterDocument, PrintedCode
from marelle.letters.documents.parties import Issuer, Logo, Recipient

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from marelle.domain.authorities.models import Authority
    from marelle.domain.families.models import Child, MembershipCode

# After every class: who has no child at school is written to by post.
LAST = (1, "", 0, "")


def code_letters(codes: Iterable[MembershipCode], authority: Authority, *, on: date) -> list[CodeLetterDocument]:
    """Will return the letters of these codes, which come by family, sorted by class; `authority` holds its logo.

    A family whose children are in several classes is handed its letter in that of the eldest.
    """
    by_family = [list(group) for _family, group in groupby(codes, key=lambda code: code.family_id)]
    children = children_at_school([own[0].family_id for own in by_family], on=on)
    logo = None
    if authority.logo and authority.logo_type in LOGO_TYPES:
        logo = Logo(bytes(authority.logo), authority.logo_type)  # type: ignore[arg-type]
    issuer = Issuer(
        name=authority.name,
        regie="Espace famille",
        address=address_lines(authority.address),
        phone=authority.phone,
        email=authority.email,
        opening_hours=" ".join(authority.opening_hours.split()),
        logo=logo,
        accent=authority.accent,
    )
    letters = []
    for own in by_family:
        family = own[0].family
        pupil = next((child for child in children.get(family.pk, ()) if child.school_class), None)
        letters.append(
            (
                _place(pupil),
                CodeLetterDocument(
                    written_on=on,
                    issuer=issuer,
                    family=Recipient(f"Famille {family.name}", address_lines(family.address)),
                    handed_by=_handed_by(pupil),
                    site=f"{settings.FAMILY_URL}/",
                    codes=tuple(
                        PrintedCode(
                            f"{one.guardian.first_name} {one.guardian.last_name}",
                            in_groups(one.code),
                            one.expires_at.astimezone(authority.zone).date(),
                        )
                        for one in own
                    ),
                ),
            )
        )
    letters.sort(key=lambda each: (each[0], each[1].family.name))
    return [letter for _place_of_class, letter in letters]


def _place(pupil: Child | None) -> tuple[int, str, int, str]:
    if pupil is None or pupil.school_class is None:
        return LAST
    return (0, pupil.school_class.facility.name, pupil.school_class.position, pupil.school_class.name)


def _handed_by(pupil: Child | None) -> str:
    if pupil is None or pupil.school_class is None:
        return ""
    return f"{pupil.school_class.facility.name}, {pupil.school_class.name} : {pupil.first_name}"
