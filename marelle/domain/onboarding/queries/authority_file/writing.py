"""Writing: what an authority has decided, as the file that `load` reads; neither families nor secrets are in it."""

from __future__ import annotations

import textwrap
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Model

from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.authorities.models import Authority, Facility, Regie, SchoolClass
from marelle.domain.catalog.models import (
    Activity,
    ClosureDay,
    Holiday,
    Product,
    ProductSlot,
    Reglement,
    Service,
    SlotTemplate,
    Tariff,
)
from marelle.domain.catalog.rules.published_calendar import published_days
from marelle.domain.catalog.rules.written import (
    WEEKDAY_CODES,
    InvalidReglementError,
    InvalidTariffError,
    read_reglement,
    read_tariff,
    write_reglement,
    write_tariff,
)
from marelle.domain.news.models import Article
from marelle.domain.onboarding.queries.authority_file.shapes import (
    LOGO_INSIDE,
    ActivityShape,
    ArticleShape,
    AuthorityShape,
    ClassShape,
    FacilityShape,
    KitchenShape,
    ProductShape,
    RegieShape,
    ServiceShape,
    Shape,
    SlotShape,
)
from marelle.domain.reservations.models import KitchenSettings
from marelle.foundation.yaml_writing import LONGEST_LINE, written_yaml

Row = dict[str, Any]

# What the file does not say of the tables that it describes, and why: a test counts the columns.
LEFT_OUT: Final[Mapping[type[Model], Mapping[str, str]]] = {
    Authority: {
        "palette_css": "vient de la couleur",
        "logo_type": "se lit dans le logo",
        "catalog_version": "technique",
    },
    Regie: {"payments_known_until": "un fait, pas un réglage"},
    Service: {"public_id": "technique"},
    Activity: {"public_id": "technique"},
    Product: {"public_id": "technique"},
    Article: {"public_id": "technique"},
    KitchenSettings: {"public_id": "technique"},
    Agent: {"is_active": "un agent suspendu n’est pas écrit"},
}
_DAYS: Final = frozenset({"taught_weekdays", "town_hall_weekdays", "term_weekdays", "holiday_weekdays"})
_LAST: Final = ("phone", "email", "address", "opening_hours")
_HEAD: Final = """\
# La configuration de {name}, telle que « marelle load » la lit.
# N’y sont pas : les familles, les mots de passe, les moyens de paiement en ligne, les démarches et les relances.
"""
_COMMENTS: Final = {
    "authority": "La collectivité : son nom, son calendrier, comment la joindre.",
    "regies": "Les régies, et comment leurs factures s’écrivent.",
    "facilities": "Les lieux, et les classes des écoles.",
    "services": "Ce qui est proposé : activités, séances, prestations, tarifs et règlements.",
    "kitchens": "Les cuisines : quand les repas sont commandés, et à qui c’est envoyé.",
    "calendar": "Ce qui diffère du calendrier publié pour la zone et le département, et les fermetures.",
    "agents": "Les agents et leurs droits, sans mot de passe.",
    "articles": "Les actualités.",
}


def written(authority: Authority, *, at: datetime) -> str:
    """Will return the file of an authority, in whose scope this is called, whole and in a stable order.

    Loading it at `at` changes nothing there; in an empty database it makes an authority whose file is the same.
    """
    sections: dict[str, Any] = {
        "authority": _authority(authority),
        "regies": [_fields(RegieShape, row) for row in Regie.objects.order_by("pk")],
        "facilities": list(_facilities()),
        "services": _services(),
        "kitchens": list(_kitchens()),
        "calendar": _calendar(authority, at),
        "agents": list(_agents()),
        "articles": [_fields(ArticleShape, row) for row in Article.objects.order_by("pk")],
    }
    text = _HEAD.format(name=" ".join(authority.name.split()))
    for name, section in sections.items():
        if section:
            text += f"\n# {_COMMENTS[name]}\n{written_yaml({name: section})}"
    return text


def _authority(authority: Authority) -> Row:
    said = _fields(AuthorityShape, authority, but={"logo"})
    if authority.logo:
        content = b64encode(bytes(authority.logo)).decode("ascii")
        lines = textwrap.wrap(content, LONGEST_LINE)
        said["logo"] = "\n".join([f"{LOGO_INSIDE}{authority.logo_type};base64,", *lines])
    return said


def _facilities() -> Iterator[Row]:
    classes = _by(SchoolClass.objects.order_by("position", "pk"), "facility_id")
    for row in Facility.objects.order_by("pk"):
        said = _fields(FacilityShape, row, but={"classes"})
        if row.pk in classes:
            said["classes"] = [_fields(ClassShape, one) for one in classes[row.pk]]
        yield said


def _services() -> list[Row]:
    regies = dict(Regie.objects.values_list("pk", "code"))
    activities = _by(Activity.objects.order_by("position", "name", "pk").select_related("facility"), "service_id")
    templates = _by(SlotTemplate.objects.order_by("starts_at", "pk"), "activity_id")
    products = _by(Product.objects.order_by("position", "pk"), "activity_id")
    takes = _by(
        ProductSlot.objects.order_by("template__starts_at", "template_id").select_related("template"), "product_id"
    )
    tariffs = _by(Tariff.objects.order_by("valid_from"), "product_id")
    reglements = _by(Reglement.objects.order_by("valid_from"), "activity_id")

    def product(row: Product) -> Row:
        said = _fields(ProductShape, row, but={"takes", "tariffs", "reglements"})
        said["takes"] = [one.template.code for one in takes.get(row.pk, ())]
        _add_versions(said, "tariffs", tariffs.get(row.pk, ()))
        _add_versions(
            said, "reglements", [one for one in reglements.get(row.activity_id, ()) if one.product_id == row.pk]
        )
        return said

    def activity(row: Activity) -> Row:
        said = _fields(ActivityShape, row, but={"facility", "slots", "products", "reglements"})
        said = {"code": said.pop("code"), "name": said.pop("name"), "facility": row.facility.code, **said}
        said["slots"] = [_fields(SlotShape, one) for one in templates.get(row.pk, ())]
        said["products"] = [product(one) for one in products.get(row.pk, ())]
        _add_versions(said, "reglements", [one for one in reglements.get(row.pk, ()) if one.product_id is None])
        return said

    def service(row: Service) -> Row:
        said = _fields(ServiceShape, row, but={"regie", "activities"})
        if row.regie_id is not None:
            said["regie"] = regies[row.regie_id]
        said["activities"] = [activity(one) for one in activities.get(row.pk, ())]
        return said

    return [service(row) for row in Service.objects.order_by("position", "name", "pk")]


def _add_versions(said: Row, name: str, versions: Iterable[Tariff | Reglement]) -> None:
    rows = []
    for one in versions:
        resolution = {"resolution": one.resolution} if one.resolution else {}
        rows.append({"valid_from": one.valid_from, **resolution, **_in_order(one)})
    if rows:
        said[name] = rows


def _in_order(version: Tariff | Reglement) -> Row:
    """Will return what was voted in the order in which one writes it, which the database does not keep."""
    try:
        if isinstance(version, Tariff):
            return write_tariff(read_tariff(version.rules))
        return write_reglement(read_reglement(version.rules))
    except (InvalidReglementError, InvalidTariffError):  # as it is: whoever loads the file is told what is wrong
        return dict(version.rules)


def _calendar(authority: Authority, at: datetime) -> Row:
    """Will return where the calendar is not the published one: the days added or changed, those taken out, closures."""
    rows = list(Holiday.objects.order_by("starts_on", "kind"))
    first = min((row.starts_on for row in rows), default=None)
    by_state = (authority.school_zone, authority.department, at.astimezone(authority.zone).date())
    published = published_days(*by_state, since=first)
    holidays = [
        {"kind": row.kind, "name": row.name, "starts_on": row.starts_on, "ends_on": row.ends_on}
        for row in rows
        if published.get((row.kind, row.starts_on)) != (row.name, row.ends_on)
    ]
    present = {(row.kind, row.starts_on) for row in rows}
    removed = [
        {"kind": kind, "starts_on": starts_on}
        for kind, starts_on in sorted(published_days(*by_state), key=lambda key: (key[1], key[0]))
        if (kind, starts_on) not in present
    ]
    closures = []
    for row in ClosureDay.objects.order_by("starts_on", "pk").select_related("service", "facility"):
        said: Row = {"reason": row.reason, "starts_on": row.starts_on}
        if row.ends_on != row.starts_on:
            said["ends_on"] = row.ends_on
        if row.service is not None:
            said["service"] = row.service.code
        if row.facility is not None:
            said["facility"] = row.facility.code
        closures.append(said)
    sections = {"holidays": holidays, "removed": removed, "closures": closures}
    return {name: rows for name, rows in sections.items() if rows}


def _kitchens() -> Iterator[Row]:
    rows = KitchenSettings.objects.select_related("service", "facility")
    for row in rows.order_by("service__position", "service__name", "service_id", "facility_id"):
        place = {"facility": row.facility.code} if row.facility else {}
        yield {"service": row.service.code, **place, **_fields(KitchenShape, row, but={"service", "facility"})}


def _agents() -> Iterator[Row]:
    grants = _by(Grant.objects.order_by("pk").select_related("facility"), "agent_id")
    for row in Agent.objects.filter(is_active=True).order_by("pk").select_related("user"):
        said: Row = {"email": row.user.email, "name": row.name}
        given = []
        for grant in grants.get(row.pk, ()):
            of_place = {"facility": grant.facility.code} if grant.facility else {}
            of_service = {"service": grant.service_code} if grant.service_code else {}
            given.append({"role": grant.role, **of_place, **of_service})
        if given:
            said["grants"] = given
        yield said


def _fields(shape: type[Shape], row: Model, *, but: Iterable[str] = ()) -> Row:
    """Will return what a row says, but for what is empty and would be anyway; how to reach somebody comes last."""
    left = set(but)
    names = [name for name in shape.model_fields if name not in left]
    said: Row = {}
    for name in sorted(names, key=lambda name: name in _LAST):
        value = getattr(row, name)
        if value in ("", None, []) and value == shape.model_fields[name].default:
            continue
        said[name] = [WEEKDAY_CODES[day] for day in sorted(value)] if name in _DAYS else value
    return said


def _by(rows: Iterable[Any], column: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return dict(found)
