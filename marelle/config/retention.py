"""Holds the code to `data_retention.yaml`: a field that nobody has classified fails the checks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.core import checks
from django.core.exceptions import FieldError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import Model

REGISTER: Final = Path(__file__).with_name("data_retention.yaml")
GROUPS: Final = ("compte", "famille", "enfant")
QUESTIONS: Final = ("concerne", "pourquoi", "duree", "ensuite")


class UnreadableRegisterError(ValueError):
    """The file is not a register: the message says where."""


def read_register(file: Path = REGISTER) -> dict[str, Any]:
    """Will return the register: `categories` by name, `tables` by label with the fields of each category, `acces`.

    Raises UnreadableRegisterError; a name that is written twice is one such fault.
    """
    try:
        register = YAML(typ="safe").load(file)
    except (OSError, YAMLError) as error:
        raise UnreadableRegisterError(str(error)) from error
    if not isinstance(register, dict) or not all(
        isinstance(register.get(part), dict) for part in ("categories", "tables")
    ):
        message = "categories and tables are expected"
        raise UnreadableRegisterError(message)
    return register


def classified(register: dict[str, Any], models: Iterable[type[Model]]) -> list[str]:
    """Will return what the register lacks or has too much of for these models; empty when it says all."""
    categories, tables = register["categories"], register["tables"]
    faults = [
        f"the category {name} does not answer « {question} »"
        for name, answers in categories.items()
        for question in QUESTIONS
        if not str((answers or {}).get(question) or "").strip()
    ]
    known = {model._meta.label: [field.name for field in model._meta.local_fields] for model in models}
    faults += [f"the table {label} does not exist" for label in tables if label not in known]
    for label, fields in known.items():
        said = tables.get(label) or {}
        faults += [f"{label}: the category {name} does not exist" for name in said if name not in categories]
        counted = Counter(field for names in said.values() for field in names or ())
        faults += [f"{label}.{field} is not classified" for field in fields if not counted[field]]
        faults += [f"{label}.{field} is classified {times} times" for field, times in counted.items() if times > 1]
        faults += [f"{label}.{field} does not exist" for field in counted if field not in fields]
    used = {name for said in tables.values() for name in said or {}}
    return faults + [f"the category {name} serves no field" for name in categories if name not in used]


def accessible(register: dict[str, Any], models: Iterable[type[Model]]) -> list[str]:
    """Will return what the register does not say of who may download which rows; empty when it says all.

    Each table is said once, with the path by which a row is somebody's, or as nobody's.
    """
    said = register.get("acces") or {}
    known = {model._meta.label: model for model in models}
    paths = {(group, label): path for group in GROUPS for label, path in (said.get(group) or {}).items()}
    counted = Counter([label for _group, label in paths] + list(said.get("aucun") or ()))
    faults = [f"{label}: nobody said who may download it" for label in known if not counted[label]]
    faults += [f"{label}: said {times} times who may download it" for label, times in counted.items() if times > 1]
    faults += [f"the table {label} does not exist" for label in counted if label not in known]
    for (_group, label), path in paths.items():
        try:
            if label in known:
                known[label]._base_manager.filter(**{f"{path}__in": []})  # noqa: SLF001  no scope is asked of a path
        except FieldError:
            faults.append(f"{label} has no path {path}")
    return faults


@checks.register(checks.Tags.models)
def check_data_retention(*, app_configs: Sequence[Any] | None = None, **_rest: Any) -> list[checks.CheckMessage]:
    """Will report each field of each table whose keeping is not explained."""
    try:
        register, models = read_register(), apps.get_models(include_auto_created=True)
        faults = classified(register, models) + accessible(register, models)
    except UnreadableRegisterError as error:
        faults = [str(error)]
    return [checks.Error(fault, hint=f"Classify it in {REGISTER.name}.", id="marelle.E001") for fault in faults]
