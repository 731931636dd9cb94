"""The form of a shared custody: what a home proposes and what the town hall settles are written in the same words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.domain.reservations.rules.custody import (
    A_WEEK,
    Booking,
    CustodyTerms,
    HolidayShare,
    Packages,
    Role,
    SummerShare,
    TermsFault,
    Weeks,
    fault_of_terms,
)
from marelle.foundation.french_dates import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from marelle.domain.catalog.queries import ServiceOffer
    from marelle.domain.reservations.rules.custody_sentences import Homes

CHOOSE: Final = _("Choisissez l’une de ces réponses.")
NO_DAY: Final = _("Donnez un jour, comme 04/01/2027.")
TOO_FAR_SINCE: Final = _("Donnez un jour à moins de deux ans de celui où le calendrier commence.")
TWO_YEARS: Final = timedelta(days=2 * 366)
NO_TIME: Final = _("Donnez une heure, comme 16:30.")
BY_DAYS: Final = "days"
# Where each fault is written.
PLACES: Final = {
    TermsFault.NO_SINCE: "since",
    TermsFault.SINCE_NOT_CHANGEOVER: "since",
    TermsFault.NO_WEEKDAY: "changeover",
}


def _choice(label: Any, help_text: Any = "") -> forms.ChoiceField:
    said = {"required": CHOOSE, "invalid_choice": CHOOSE}
    return forms.ChoiceField(label=label, help_text=help_text, widget=forms.RadioSelect, error_messages=said)


def _day(label: Any, help_text: Any, *, required: bool) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=required,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": NO_DAY, "invalid": NO_DAY},
    )


class CustodyTermsForm(forms.Form):
    """The terms, and the day from which they count; `terms` and `starts_on` once it is valid.

    Homes are called as `homes` says. A service (`services`) may always be of one home: a field each, `service_fields`.
    """

    use_required_attribute = False

    starts_on = _day(_("À partir du"), _("Rien ne change avant ce jour."), required=True)
    weeks = _choice(_("Comment vont les semaines ?"))
    even_home = _choice(_("Qui a les semaines paires ?"), _("Ne sert que pour les semaines paires et impaires."))
    since = _day("", _("Le jour d’un passage. Ne sert que pour « une semaine sur deux »."), required=False)
    changeover = forms.TypedChoiceField(
        label=_("Jour du passage"),
        help_text=_("Le jour où l’enfant change de foyer."),
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        error_messages={"required": TermsFault.NO_WEEKDAY.value, "invalid_choice": TermsFault.NO_WEEKDAY.value},
    )
    changeover_at = forms.TimeField(
        label=_("Heure du passage"),
        help_text=_("Le jour du passage compte pour le foyer où l’enfant est à midi."),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": NO_TIME, "invalid": NO_TIME},
    )
    holidays = _choice(_("Petites vacances"), _("Toussaint, Noël, hiver, printemps."))
    summer = _choice(_("Vacances d’été"))
    even_half = _choice(
        _("Qui commence les années paires ?"),
        _("La première moitié, la première quinzaine ou les vacances entières qui commencent une année paire."),
    )
    long_weekends = forms.BooleanField(
        label=_("Les jours fériés et les ponts suivent le week-end qu’ils touchent."), required=False
    )
    booking = _choice(_("Qui réserve la cantine et les accueils ?"))
    packages = _choice(_("Qui paie les forfaits au mois ou à l’année ?"))

    def __init__(
        self,
        data: Any = None,
        *,
        homes: Homes,
        services: Iterable[ServiceOffer],
        terms: CustodyTerms | None = None,
        starts_on: date | None = None,
        **kwargs: Any,
    ) -> None:
        """Will offer the two homes under the names of `homes`, and begin with `terms`, or with the usual ones."""
        self.services = tuple(services)
        now = terms or CustodyTerms()
        super().__init__(data, initial=self._initial(now, starts_on), **kwargs)
        first, second = homes
        both = [(Role.FIRST.value, _capital(first.at)), (Role.SECOND.value, _capital(second.at))]
        self._offer(
            "weeks",
            [
                (Weeks.PARITY, _("Semaines paires dans un foyer, impaires dans l’autre")),
                (Weeks.FROM_DAY, _("Une semaine sur deux, à partir d’un jour")),
                (Weeks.SAME, f"Toujours {first.at}, sauf les vacances partagées"),
            ],
        )
        self._offer("even_home", both)
        self._offer("even_half", both)
        self.fields["since"].label = f"Premier jour {first.at}"
        self._offer(
            "holidays",
            [
                (HolidayShare.HALVES, _("Par moitié")),
                (HolidayShare.WHOLE, _("Entières, une année sur deux")),
                (HolidayShare.AS_WEEKS, _("Comme les semaines ordinaires")),
            ],
        )
        self._offer(
            "summer",
            [
                (SummerShare.HALVES, _("Par moitié")),
                (SummerShare.FORTNIGHTS, _("Par quinzaines, à tour de rôle")),
                (SummerShare.AS_WEEKS, _("Comme les semaines ordinaires")),
            ],
        )
        self._offer(
            "booking",
            [
                (Booking.OWN_DAYS, _("Chaque foyer, pour ses jours")),
                (Booking.EITHER, _("L’un ou l’autre, tous les jours : qui réserve paie")),
            ],
        )
        self._offer(
            "packages",
            [
                (Packages.FIRST, _capital(first.to)),
                (Packages.SECOND, _capital(second.to)),
                (Packages.HALVES, _("Les deux foyers, par moitié")),
            ],
        )
        for service in self.services:
            self.fields[_field_of(service)] = forms.ChoiceField(
                label=service.name,
                choices=[(BY_DAYS, _("Selon les jours")), *((role, f"Toujours {home.to}") for (role, _at), home in
                         zip(both, homes, strict=True))],
                error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
            )  # fmt: skip

    @property
    def service_fields(self) -> list[forms.BoundField]:
        """Will return the fields of who always answers for a service, in the order of the services."""
        return [self[_field_of(service)] for service in self.services]

    def clean(self) -> dict[str, Any]:
        """Will say what the rule says of the whole, beside the field it is about."""
        if not self.errors:
            fault = fault_of_terms(self.terms, services=[service.pk for service in self.services])
            since = self.terms.since
            if fault is not None:
                self.add_error(PLACES.get(fault), fault.value)
            elif since is not None and abs(since - self.starts) > TWO_YEARS:
                self.add_error("since", TOO_FAR_SINCE)
        return self.cleaned_data

    @property
    def starts(self) -> date:
        """Will return the day from which the terms count."""
        day: date = self.cleaned_data["starts_on"]
        return day

    @property
    def terms(self) -> CustodyTerms:
        """Will return the terms as they were written: what an answer does not use is left as usual."""
        said = self.cleaned_data
        weeks = Weeks(said["weeks"])
        return CustodyTerms(
            weeks=weeks,
            since=said["since"] if weeks is Weeks.FROM_DAY else None,
            first_even=said["even_home"] == Role.FIRST if weeks is Weeks.PARITY else True,
            changeover=said["changeover"],
            changeover_at=said["changeover_at"],
            holidays=HolidayShare(said["holidays"]),
            summer=SummerShare(said["summer"]),
            first_half_even=said["even_half"] == Role.FIRST,
            long_weekends=said["long_weekends"],
            booking=Booking(said["booking"]),
            packages=Packages(said["packages"]),
            services=tuple(
                (service.pk, Role(said[_field_of(service)]))
                for service in self.services
                if said[_field_of(service)] != BY_DAYS
            ),
        )

    def _initial(self, terms: CustodyTerms, starts_on: date | None) -> dict[str, Any]:
        always = dict(terms.services)
        return {
            "starts_on": starts_on,
            "weeks": terms.weeks.value,
            "even_home": _first_when(terms.first_even),
            "since": terms.since,
            "changeover": terms.changeover,
            "changeover_at": terms.changeover_at,
            "holidays": terms.holidays.value,
            "summer": terms.summer.value,
            "even_half": _first_when(terms.first_half_even),
            "long_weekends": terms.long_weekends,
            "booking": terms.booking.value,
            "packages": terms.packages.value,
            **{_field_of(one): always[one.pk].value if one.pk in always else BY_DAYS for one in self.services},
        }

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = [(str(value), words) for value, words in choices]  # type: ignore[attr-defined]


def seen_by_the_other(terms: CustodyTerms) -> CustodyTerms:
    """Will return the same terms with the other home named first, as a home begins from when it proposes.

    Weeks that are always of the other one have no such words: they become the usual ones, in turn.
    """
    turned = {Packages.FIRST: Packages.SECOND, Packages.SECOND: Packages.FIRST, Packages.HALVES: Packages.HALVES}
    return replace(
        terms,
        weeks=Weeks.PARITY if terms.weeks is Weeks.SAME else terms.weeks,
        since=None if terms.since is None else terms.since + A_WEEK,
        first_even=not terms.first_even,
        first_half_even=not terms.first_half_even,
        packages=turned[terms.packages],
        services=tuple((key, role.other) for key, role in terms.services),
    )


def _first_when(is_first: bool) -> str:  # noqa: FBT001  the one thing that it is about
    return (Role.FIRST if is_first else Role.SECOND).value


def _field_of(service: ServiceOffer) -> str:
    return f"service-{service.public_id}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
