"""The tariff as it was typed, in the form or as a text; and the child that a price is tried for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.http import QueryDict

from marelle.domain.catalog.rules.price_steps import PriceFacts
from marelle.domain.catalog.rules.tariffs import (
    ByBracket,
    ByDuration,
    BySituation,
    Counted,
    EffortRate,
    Measure,
    has_duration,
    inner_amounts,
)
from marelle.domain.catalog.rules.written import InvalidTariffError, read_tariff, write_tariff
from marelle.foundation.money import cents_from
from marelle.web.office.long_forms.drawing import Faults, draw, placed_faults
from marelle.web.office.long_forms.pieces import Sent
from marelle.web.office.long_forms.saving import AS_FORM, AS_TEXT
from marelle.web.office.long_forms.yaml_text import LONGEST, UnreadableTextError, read_text, write_text
from marelle.web.office.tariffs import wording
from marelle.web.office.tariffs.described import TARIFF, fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.utils.safestring import SafeString

    from marelle.domain.catalog.rules.tariffs import Amount, Tariff

WHOLE_TARIFF: Final = "tarif"
LONGEST_REASON: Final = 300


@dataclass(slots=True)
class Typed:
    """The tariff as it was typed, in the form or as a text, and what is wrong with it.

    `rules` None: it cannot be read, and `found` says why (key of what is written, reason). `is_too_rich`: it can only
    be written as a text.
    """

    way: str
    typed: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    rules: Tariff | None = None
    found: list[tuple[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    is_too_rich: bool = False

    @property
    def faults(self) -> Faults:
        """Will return what is wrong, at the controls of the form; the text has only one."""
        if self.way == AS_TEXT:
            return Faults({AS_TEXT: tuple(self.sentences)} if self.found else {})
        return placed_faults(TARIFF, self.typed, [(key, wording.fault(reason)) for key, reason in self.found])

    @property
    def sentences(self) -> list[str]:
        """Will return what is wrong with the text, each with its line and key."""
        return [
            f"Ligne {line}, {key or WHOLE_TARIFF} : {reason}."
            for (key, reason), line in zip(self.found, self.lines, strict=True)
        ]

    def drawn(self, url: str) -> SafeString:
        """Will write the form."""
        return draw(TARIFF, self.typed, "", faults=self.faults, url=url)


def typed_of(tariff: Tariff, *, way: str) -> Typed:
    """Will return a tariff in its canonical form, ready to be typed over: as a text when no form holds it."""
    written = write_tariff(tariff)
    is_too_rich = not fits(tariff)
    return Typed(
        AS_TEXT if is_too_rich else way,
        typed={} if is_too_rich else TARIFF.typed(written),
        text=write_text(written),
        rules=tariff,
        is_too_rich=is_too_rich,
    )


def blank(*, way: str) -> Typed:
    """Will return what is typed before anything is."""
    return Typed(way, typed=TARIFF.collect(Sent(QueryDict()), ""))


def unreadable(data: Any) -> Typed:
    """Will return what is stored and cannot be read, as a text: nobody has to type again what is only half wrong."""
    return _sent_as_text(write_text(data))


def sent_by(data: QueryDict) -> Typed:
    """Will read what was sent, the rows asked for added and taken out."""
    if data.get("vue") == AS_TEXT:
        return _sent_as_text(str(data.get("texte", "")))
    sent = Sent(data)
    if data.get("ajouter"):
        sent.add_row(str(data["ajouter"]))
    if data.get("retirer"):
        sent.take_row(str(data["retirer"]))
    typed = Typed(AS_FORM, typed=TARIFF.collect(sent, ""))
    written = TARIFF.written(typed.typed)
    _read(typed, written)
    typed.text = write_text(write_tariff(typed.rules) if typed.rules else written)
    return typed


def _sent_as_text(text: str) -> Typed:
    typed = Typed(AS_TEXT, text=text[: LONGEST + 1])
    try:
        read = read_text(text)
    except UnreadableTextError as error:
        typed.found, typed.lines = [("", error.reason)], [error.line]
        return typed
    _read(typed, read.values)
    typed.lines = [read.line_of(key) for key, _reason in typed.found]
    return typed


def _read(typed: Typed, written: Any) -> None:
    try:
        typed.rules = read_tariff(written)
    except InvalidTariffError as error:
        typed.found = [("" if error.key == WHOLE_TARIFF else error.key, error.reason[:LONGEST_REASON])]


def as_other(typed: Typed, way: str) -> Typed:
    """Will return the same tariff to be typed the other way; a text that cannot be read stays a text."""
    if way == typed.way or (typed.rules is None and way == AS_FORM):
        return typed
    if typed.rules is None:
        return Typed(AS_TEXT, text=typed.text)
    return typed_of(typed.rules, way=way)


# ---------------------------------------------------------------------------------------------------- trying a price
MOST_COUNTED: Final = 31
COUNTS: Final = {
    Counted.RANK: ("rang", "Rang de l’enfant parmi les inscrits"),
    Counted.RANK_PRESENT: ("rang_present", "Rang de l’enfant parmi les présents"),
    Counted.SIBLINGS_PRESENT: ("presents", "Enfants du foyer présents ce jour"),
    Counted.CHILDREN_ENROLLED: ("inscrits", "Enfants du foyer inscrits"),
    Counted.DAYS_OF_WEEK: ("jours", "Jours dans la semaine"),
}
LONGEST_DAY: Final = 24 * 60
ON_THE_DAY: Final = "minutes"


class EuroField(forms.CharField):
    """An amount in euros, in cents; None when nothing is typed."""

    def clean(self, value: Any) -> Any:
        """Will return cents."""
        text = str(super().clean(value) or "").replace("€", "").strip()
        text = "".join(text.split())
        if not text:
            return None
        try:
            cents = cents_from(text)
        except ValueError:
            raise forms.ValidationError(wording.NO_AMOUNT) from None
        if not 0 <= cents <= wording.HIGHEST_MEASURE:
            raise forms.ValidationError(wording.NO_AMOUNT)
        return cents


class TryForm(forms.Form):
    """A child and a day, as far as the tariff asks."""

    use_required_attribute = False

    def __init__(self, tariff: Tariff, *args: Any, names: Mapping[str, str], **kwargs: Any) -> None:
        """Will ask only what the price depends on."""
        super().__init__(*args, **kwargs)
        asked = asked_by(tariff)
        if Measure.QUOTIENT in asked.measures:
            self.fields["quotient"] = EuroField(label="Quotient familial", required=False, max_length=12)
        if Measure.INCOME in asked.measures:
            self.fields["revenu"] = EuroField(label="Revenu mensuel", required=False, max_length=12)
        for counted, (name, label) in COUNTS.items():
            if counted in tariff.counts:
                self.fields[name] = _whole(label, 1, MOST_COUNTED)
        if asked.has_duration:
            self.fields[ON_THE_DAY] = _whole("Durée de présence, en minutes", 0, LONGEST_DAY)
        if asked.codes:
            self.fields["situation"] = forms.MultipleChoiceField(
                label="Situation",
                required=False,
                choices=[(code, names.get(code, code)) for code in asked.codes],
                widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": wording.NO_SITUATION},
            )
        for name, asked_field in self.fields.items():
            asked_field.widget.attrs.setdefault("autocomplete", "off")
            if name != "situation":
                asked_field.widget.attrs.setdefault("inputmode", "numeric")

    @property
    def facts(self) -> PriceFacts:
        """Will return the child and the day; what was not typed is the ordinary."""
        found = self.cleaned_data
        rank = found.get("rang") or 1
        here = found.get("rang_present") or 1
        return PriceFacts(
            quotient=found.get("quotient"),
            income=found.get("revenu"),
            situations=frozenset(found.get("situation") or ()),
            rank=rank,
            rank_present=here,
            siblings_present=max(found.get("presents") or 1, here),
            children_enrolled=max(found.get("inscrits") or 1, rank),
            days_of_week=found.get("jours") or 1,
            minutes=found.get(ON_THE_DAY),
        )


def _whole(label: str, least: int, most: int) -> forms.IntegerField:
    message = wording.a_number(least, most)
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        error_messages={"invalid": message, "min_value": message, "max_value": message},
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a tariff asks of a child: measures, codes of situations, how long it stayed."""

    measures: frozenset[Measure]
    codes: tuple[str, ...]
    has_duration: bool


def asked_by(tariff: Tariff) -> Asked:
    """Will return what the price of a day depends on."""
    amounts = (tariff.amount, *(package.amount for package in tariff.packages))
    nodes = [node for amount in amounts for node in _nodes(amount)]
    codes = [code for node in nodes if isinstance(node, BySituation) for case in node.cases for code in case.codes]
    codes += [code for change in tariff.changes for code in change.when.codes]
    return Asked(
        frozenset(node.of for node in nodes if isinstance(node, ByBracket | EffortRate)),
        tuple(dict.fromkeys(codes)),
        has_duration(tariff.amount) or any(isinstance(node, ByDuration) for node in nodes),
    )


def _nodes(amount: Amount) -> Iterator[Amount]:
    yield amount
    for each in inner_amounts(amount):
        yield from _nodes(each)
