"""What two homes of a child are billed: each its days and its share, together what one home would have been."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from marelle.domain.billing.operations.certificates import certify_illness
from marelle.domain.families.operations.custody import change_custody
from marelle.domain.reservations.models import Reservation
from marelle.foundation.actors import SYSTEM
from marelle.foundation.money import in_amount
from marelle.foundation.writes import permitted
from tests.domain.shared_home import MONTHS, SharedHome, whole_year

pytestmark = pytest.mark.django_db

FILE = Path(__file__).resolve().parents[1] / "scenarios" / "garde" / "une-annee.yaml"
SCENARIOS = {one["titre"]: one for one in YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))["scénarios"]}


def at_eight(day):
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


def play(town, scenario):
    """Live the year of a scenario, but for its illness."""
    town.settle(town.terms(scenario["garde"]))
    town.book(whole_year())
    if swap := scenario.get("échange"):
        town.exchange(swap["donne"], swap["prend"], at=at_eight(swap["le"]))
    if change := scenario.get("change"):
        at = at_eight(change["le"])
        town.settle(town.terms(change["garde"]), change["le"], at=at.replace(day=at.day - 5))
    if alone := scenario.get("chez elle seule"):
        change_custody(town.lea, [town.hers], starts_on=alone, by=SYSTEM, at=at_eight(alone))
        with permitted("factory"):
            Reservation.objects.filter(family=town.his, date__gte=alone).update(family=town.hers)
    if ill := scenario.get("malade"):
        for child, homes in ((town.lea, (town.hers, town.his)), (town.double, (town.alone,))):
            for family in homes:
                at = at_eight(ill["au"])
                certify_illness(
                    child,
                    family=family,
                    first_day=ill["du"],
                    last_day=ill["au"],
                    received_at=at,
                    by=SYSTEM,
                    at=at,
                )


@pytest.mark.parametrize("title", SCENARIOS)
def test_a_year_comes_to_what_one_home_would_have_paid(title, in_scope):
    scenario, town = SCENARIOS[title], SharedHome(in_scope)
    play(town, scenario)

    packages = {town.hers.pk: [0, 0], town.his.pk: [0, 0]}
    for month in MONTHS:
        drafts = town.drafts(month)
        town.assert_both_pay_what_one_would(drafts, day=month.starts_on)
        for family, sums in packages.items():
            for charge in drafts[family].account.charges:
                if charge.name.kind in {"package", "package_refund"}:
                    sums[charge.name.kind == "package_refund"] += charge.total

    said = [in_amount(due) + (f" - {in_amount(-back)}" if back else "") for due, back in packages.values()]
    assert said == list(scenario["attendu"].values())
