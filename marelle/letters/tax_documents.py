"""Tax certificates as documents: what a payer paid in a calendar year for the care of young children."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from marelle.foundation.french_dates import listed, without_weekday
from marelle.letters.billing_documents import address_lines, issuer_of
from marelle.letters.documents.certificates import CertifiedChild, ChildNotEligible, PaidSum, TaxCertificateDocument
from marelle.letters.documents.parties import Recipient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.queries.tax_certificates import PaidCareOf
    from marelle.domain.billing.rules.tax_certificate import PaidCare

TOO_OLD: Final = "Six ans ou plus au 1ᵉʳ janvier : la garde n’ouvre plus droit au crédit d’impôt."
NOT_OVER: Final = (
    "L’année n’est pas finie : cette attestation s’arrête au {day}. Une attestation complète la remplacera."
)
# BOI-IR-RICI-300 (26/06/2023): the ceiling is halved where the child lives in turn with each parent.
IN_TWO_HOMES: Final = (
    "{names} : deux foyers en {years}. En résidence alternée, le plafond des dépenses est divisé par deux pour chaque "
    "parent (article 200 quater B du code général des impôts, BOI-IR-RICI-300). Cette attestation ne compte que ce que "
    "ce foyer a payé."
)
SHARED: Final = "En résidence alternée, chaque parent déclare ce qu’il a payé ; le plafond est alors partagé par deux."


def certificate_of(paid: PaidCareOf, year: int, authority: Authority, *, on: date) -> TaxCertificateDocument:
    """Will return the certificate of a payer for a year, as of a day; `authority` holds its logo.

    Raises ValueError when there is nothing to declare.
    """
    found, payer = paid.on(year), paid.payer
    if found.total <= 0:
        raise ValueError(f"rien à déclarer en {year}")
    regie = payer.regie
    last_day = date(year, 12, 31)
    return TaxCertificateDocument(
        year=year,
        issued_on=on,
        issuer=issuer_of(
            authority, regie, signatory=", ".join(filter(None, (regie.issuer_name, regie.issuer_quality)))
        ),
        payer=Recipient(payer.name, address_lines(payer.address)),
        children=tuple(
            CertifiedChild(
                name=paid.names[child],
                born_on=paid.births[child],
                sums=tuple(PaidSum(_words(one), one.paid, one.care) for one in sums),
                deductible_cents=sum(one.care for one in sums),
            )
            for child, sums in found.children.items()
        ),
        total_cents=found.total,
        not_eligible=tuple(
            ChildNotEligible(paid.names[child], paid.births[child], TOO_OLD) for child in sorted(found.too_old)
        ),
        notes=(
            *((NOT_OVER.format(day=without_weekday(on, year=True)),) if on < last_day else ()),
            two_homes_words(paid, [year]) or SHARED,
        ),
    )


def two_homes_words(paid: PaidCareOf, years: Sequence[int]) -> str:
    """Will say of which children, certified for these years, the other parent may declare too; empty when of none."""
    shared = {year: paid.shared_in(year) for year in sorted(years)}
    names = dict.fromkeys(paid.names[child] for children in shared.values() for child in children)
    if not names:
        return ""
    return IN_TWO_HOMES.format(
        names=listed(list(names)), years=listed([str(year) for year, children in shared.items() if children])
    )


def _words(one: PaidCare) -> str:
    day = without_weekday(one.date, year=True)
    return f"Facture {one.number}, payée le {day}" if one.paid >= 0 else f"Avoir {one.number}, rendu le {day}"
