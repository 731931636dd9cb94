"""What is printed of worked prices: each disagreement with its steps."""

from __future__ import annotations

from typing import Final

from marelle.commands.published_tariffs.worked import PriceVerdict
from marelle.domain.catalog.rules.price_steps import Lacking, Priced
from marelle.foundation.money import in_euros

NO_PRICE: Final = "pas de prix"
LACKING: Final = {
    Lacking.QUOTIENT: "le quotient ou le revenu manque",
    Lacking.BRACKET: "aucune tranche n’est pour ce quotient",
    Lacking.SITUATION: "aucun cas n’est pour cette situation",
    Lacking.DURATION: "la durée manque",
    Lacking.TARIFF: "aucun tarif n’est voté",
}


def price_disagreement_in_words(verdict: PriceVerdict) -> list[str]:
    """Will return the lines of a worked price that comes out otherwise."""
    worked, found = verdict.worked, verdict.found
    expected = NO_PRICE if worked.expected is None else in_euros(worked.expected)
    if isinstance(found, Priced):
        due, steps = in_euros(found.cents), [f"    {step.label} : {in_euros(step.cents)}" for step in found.steps]
    else:
        due, steps = NO_PRICE, [f"    {LACKING[found.lacking]}"] if found is not None else []
    return [
        worked.place,
        *([f"  {worked.about}"] if worked.about else []),
        f"  attendu : {expected} ; trouvé : {due}",
        *steps,
        *([f"  le fichier dit : {worked.why}"] if worked.why else []),
    ]
