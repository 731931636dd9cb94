"""The addresses of the guided first run, for `town.py`."""

from __future__ import annotations


def guide_of(town) -> dict[str, tuple[str, dict, dict | None, tuple[str, ...]]]:
    """The addresses where a town is set up."""
    at, bobby = {"authority": town.slug}, town.waiting.name
    contact = {"phone": "01 60 00 00 00", "email": "a@b.fr", "address": bobby, "opening_hours": "", "siret": ""}
    voted = {"valid_from": "2026-09-01", "resolution": bobby}
    waiting = town.waiting
    study = {
        "first": "2026-09-01",
        "last": "2027-08-31",
        "etude-ticked": "on",
        "etude-places": town.bourg.code,
        "etude-etude-from": "16:30",
        "etude-etude-to": "18:00",
        "etude-capacity": "24",
    }
    ruled = {"reglement": "veille-au-soir", "activities": waiting.activity.public_id, **voted}
    name = f"{waiting.name}, {waiting.activity.service.name}"
    bands = {"below-0": "400", "band-0": "1,00", "band-1": "3,85", "percent": "0,3", "floor": "1", "ceiling": "2"}
    priced = {"shape": "quotient", "products": name, "price": "3,10", "non_resident": "9", **bands, **voted}
    return {
        "office_guide": ("office", at, None, ()),
        "office_guide_open": ("office", at, {}, ()),
        "office_guide_calendar": ("office", at, {}, ()),
        "office_guide_contact": ("office", at, contact, ()),
        "office_guide_places": ("office", at, {"names": f"École {bobby} : CP ({bobby})"}, ()),
        "office_guide_offer": ("office", at, study, ()),
        "office_guide_reglement": ("office", at, ruled, ()),
        "office_guide_tariff": ("office", at, priced, ()),
        "office_guide_costs": ("office", at, {"cost-0": "9,40"}, ()),
        "office_guide_regie": ("office", at, {"name": bobby, "payfip_id": "123456"}, ()),
    }
