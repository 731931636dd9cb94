"""What a file may say, field by field. `docs/formats.md` describes it for whoever writes one.

A name is the column's where there is one, and the greatest lengths are the columns' own. What a file does not say it
does not touch.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from marelle.domain.accounts.models import Agent, User
from marelle.domain.authorities.models import Authority, Facility, Regie, SchoolClass
from marelle.domain.authorities.rules.identifiers import siret_from
from marelle.domain.billing.rules.numbers import check_pattern
from marelle.domain.catalog.models import Activity, ClosureDay, Holiday, Product, Service, SlotTemplate, Tariff
from marelle.domain.catalog.rules.written import WEEKDAY_CODES
from marelle.domain.families.models import Child, Family, Guardian
from marelle.domain.families.rules.quotients import HIGHEST_CENTS, Doubt, doubt_sentence
from marelle.domain.news.models import Article
from marelle.domain.reservations.models import Enrollment
from marelle.domain.reservations.rules.kitchen import MOST_DAYS_BEFORE, MOST_EMAILS
from marelle.foundation.money import cents_from

SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
CODE = r"[A-Za-z0-9]+([-_][A-Za-z0-9]+)*"
FRENCH_DAY_PARTS = 3
SHORTEST_PASSWORD = 12
HIGHEST_AGE = 25
MOST_PLACES = 100_000
MOST_DAYS = 366
LOGO_INSIDE = "data:"  # a logo written in the file itself, as in a page


def _day(value: Any) -> date:
    """Will read 2026-09-01 or 01/09/2026."""
    if type(value) is date:
        return value
    if isinstance(value, str):
        parts = value.split("/")
        try:
            if len(parts) == FRENCH_DAY_PARTS:
                return date(int(parts[2]), int(parts[1]), int(parts[0]))
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("une date est attendue, comme 2026-09-01 ou 01/09/2026")


def _hour(value: Any) -> time:
    try:
        moment = time.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError('une heure entre guillemets est attendue, comme "11:45"') from None
    if moment.tzinfo is not None:
        raise ValueError('une heure sans fuseau est attendue, comme "11:45"')
    return moment


def _cents(value: Any) -> int:
    if not isinstance(value, str):
        raise ValueError('un montant entre guillemets est attendu, comme "3,10" (ou price_cents: 310)')  # noqa: TRY004
    return cents_from(value)


def _weekdays(value: Any) -> list[int]:
    if not isinstance(value, list) or any(code not in WEEKDAY_CODES for code in value):
        raise ValueError(f"une liste de jours est attendue : {', '.join(WEEKDAY_CODES)}")
    if len(set(value)) != len(value):
        raise ValueError("un jour est écrit deux fois")
    return sorted(WEEKDAY_CODES.index(code) for code in value)


def _timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("un fuseau horaire est attendu, comme Indian/Reunion")
    return value


def _address(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        raise ValueError("une adresse e-mail est attendue, comme cuisine@exemple.fr") from None
    return value


def _each_once(value: list[str]) -> list[str]:
    if len(set(value)) < len(value):
        raise ValueError("une adresse est écrite deux fois")
    return value


def _paragraphs(value: str) -> str:
    return "\n".join(line.rstrip() for line in value.strip().splitlines())


def _greatest(model: type[Model], column: str) -> Any:
    return getattr(model._meta.get_field(column), "max_length")  # noqa: B009  the type of a column is not told


Day = Annotated[date, BeforeValidator(_day)]
Hour = Annotated[time, BeforeValidator(_hour)]
Cents = Annotated[int, BeforeValidator(_cents)]
Weekdays = Annotated[list[int], BeforeValidator(_weekdays)]
Siret = Annotated[str, AfterValidator(siret_from)]
Paragraphs = Annotated[str, AfterValidator(_paragraphs)]
Email = Annotated[
    str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=_greatest(User, "email")), AfterValidator(str.lower)
]
# As the office wrote it, capitals included: nobody signs in with it.
KitchenEmail = Annotated[str, AfterValidator(_address)]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9 .]{6,19}$")]
Code = Annotated[str, Field(pattern=f"^{CODE}$", max_length=40)]
LongCode = Annotated[str, Field(pattern=f"^{CODE}$", max_length=60)]
ClassPath = Annotated[str, Field(pattern=f"^{CODE}/{CODE}$")]


class Shape(BaseModel):
    """A group of fields: an unknown one is a mistake, and spaces around a text mean nothing."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class ContactShape(Shape):
    phone: Phone = ""
    email: Email = ""
    address: str = Field("", max_length=_greatest(Authority, "address"))
    opening_hours: str = Field("", max_length=_greatest(Authority, "opening_hours"))


class AuthorityShape(ContactShape):
    slug: str = Field(pattern=f"^{SLUG}$", max_length=_greatest(Authority, "slug"))
    name: str = Field(min_length=1, max_length=_greatest(Authority, "name"))
    kind: Literal["commune", "epci", "ccas", "caisse"] = "commune"
    insee_code: str = Field("", pattern=r"^\d[0-9AB]\d{3}$")
    siret: Siret = ""
    department: str = Field(pattern=r"^(\d\d|2[AB]|9[78]\d)$")
    school_zone: Literal["A", "B", "C", ""] = ""
    taught_weekdays: Weekdays = [0, 1, 3, 4]
    town_hall_weekdays: Weekdays = [0, 1, 2, 3, 4]
    timezone: Annotated[str, AfterValidator(_timezone)] = "Europe/Paris"
    announcement: str = Field("", max_length=_greatest(Authority, "announcement"))
    accent: str = Field("#3953A8", pattern=r"^#[0-9A-Fa-f]{6}$")
    logo: str = ""
    is_open: bool = True


class RegieShape(Shape):
    code: Code
    name: str = Field(min_length=1, max_length=_greatest(Regie, "name"))
    has_billing: bool = True
    number_pattern: Annotated[str, AfterValidator(check_pattern)] = "{exercice}-{numero:5}"
    invoice_title: Literal["by_number", "by_date"] = "by_number"
    payment_days: int = Field(30, ge=0, le=MOST_DAYS)
    small_debt_cents: int = Field(1500, ge=0, le=1_000_000)
    vat_words: str = Field("TVA non applicable", max_length=_greatest(Regie, "vat_words"))
    online_from: date | None = None
    how_to_pay: str = ""
    payfip_id: str = Field("", pattern=r"^(\d{6})?$")
    issuer_name: str = Field("", max_length=_greatest(Regie, "issuer_name"))
    issuer_quality: str = Field("", max_length=_greatest(Regie, "issuer_quality"))


class ClassShape(Shape):
    code: Code
    name: str = Field(min_length=1, max_length=_greatest(SchoolClass, "name"))
    level: str = Field("", max_length=_greatest(SchoolClass, "level"))
    teacher: str = Field("", max_length=_greatest(SchoolClass, "teacher"))


class FacilityShape(Shape):
    code: Code
    name: str = Field(min_length=1, max_length=_greatest(Facility, "name"))
    kind: Literal["school", "leisure_centre", "other"] = "school"
    address: str = Field("", max_length=_greatest(Facility, "address"))
    classes: list[ClassShape] = []


class ReglementShape(Shape):
    valid_from: Day
    resolution: str = Field("", max_length=_greatest(Tariff, "resolution"))
    book: dict[str, Any]
    cancel: dict[str, Any] | Literal["same"] = "same"
    change: dict[str, Any] | None = None
    cancellation: dict[str, Any] | None = None
    limits: list[Any] = []
    blocked_if: list[Any] = []
    absence: dict[str, Any] | None = None
    unbooked: Any = None
    waiting_list: dict[str, Any] | None = None
    article: str = ""


class TariffShape(Shape):
    valid_from: Day
    resolution: str = Field("", max_length=_greatest(Tariff, "resolution"))
    price: Any = None
    price_cents: int | None = Field(None, ge=0, le=1_000_000)
    changes: Any = None
    rounding: Any = None
    packages: Any = None
    caps: Any = None
    late_pickup: Any = None
    components: Any = None
    note: str = ""

    @model_validator(mode="after")
    def _one_price(self) -> TariffShape:
        if (self.price is None) == (self.price_cents is None):
            raise ValueError('un prix est attendu : price: "3,10" ou price_cents: 310, pas les deux')
        return self


class SlotShape(Shape):
    code: Code
    name: str = Field(min_length=1, max_length=_greatest(SlotTemplate, "name"))
    starts_at: Hour
    ends_at: Hour
    capacity: int | None = Field(None, ge=0, le=MOST_PLACES)
    min_age: int | None = Field(None, ge=0, le=HIGHEST_AGE)
    max_age: int | None = Field(None, ge=0, le=HIGHEST_AGE)


class ProductShape(Shape):
    code: LongCode
    name: str = Field(min_length=1, max_length=_greatest(Product, "name"))
    noun: str = Field(min_length=1, max_length=_greatest(Product, "noun"))
    plural: str = Field(min_length=1, max_length=_greatest(Product, "plural"))
    takes: list[Code]
    tariffs: list[TariffShape] = []
    reglements: list[ReglementShape] = []


class ActivityShape(Shape):
    code: LongCode
    name: str = Field(min_length=1, max_length=_greatest(Activity, "name"))
    facility: Code
    starts_on: Day
    ends_on: Day
    term_weekdays: Weekdays = []
    holiday_weekdays: Weekdays = []
    # Said, even when it holds none yet: an activity is set up in several sittings.
    slots: list[SlotShape]
    products: list[ProductShape]
    reglements: list[ReglementShape] = []


class ServiceShape(ContactShape):
    code: Code
    name: str = Field(min_length=1, max_length=_greatest(Service, "name"))
    icon: str = Field("utensils", pattern=r"^[a-z0-9-]+$", max_length=_greatest(Service, "icon"))
    payment_mode: Literal["in_arrears", "prepaid"] = "in_arrears"
    hold_hours: int = Field(72, ge=1, le=24 * 60)
    regie: Code | None = None
    activities: list[ActivityShape] = []


class HolidayShape(Shape):
    kind: Literal["school", "public", "town_hall"]
    name: str = Field(min_length=1, max_length=_greatest(Holiday, "name"))
    starts_on: Day
    ends_on: Day


class ClosureShape(Shape):
    reason: str = Field(min_length=1, max_length=_greatest(ClosureDay, "reason"))
    starts_on: Day
    ends_on: Day | None = None
    service: Code | None = None
    facility: Code | None = None


class RemovedHolidayShape(Shape):
    kind: Literal["school", "public"]
    starts_on: Day


class CalendarShape(Shape):
    holidays: list[HolidayShape] = []
    removed: list[RemovedHolidayShape] = []
    closures: list[ClosureShape] = []


class GuardianShape(Shape):
    first_name: str = Field(min_length=1, max_length=_greatest(Guardian, "first_name"))
    last_name: str = Field(min_length=1, max_length=_greatest(Guardian, "last_name"))
    relation: str = Field("", max_length=_greatest(Guardian, "relation"))
    email: Email = ""
    phone: Phone = ""
    has_account: bool = False
    demonstration_password: str | None = Field(None, min_length=SHORTEST_PASSWORD, max_length=200)


class HealthShape(Shape):
    diet: str = Field("", max_length=200)
    allergies: str = Field("", max_length=400)
    care_plan: str = Field("", max_length=2000)
    care_plan_until: Day | None = None


class EnrollmentShape(Shape):
    activity: LongCode
    starts_on: Day | None = None
    ends_on: Day | None = None
    formula: str = Field("", pattern=f"^({CODE})?$", max_length=_greatest(Enrollment, "formula"))
    options: list[Code] = []


class ChildShape(Shape):
    code: LongCode
    first_name: str = Field(min_length=1, max_length=_greatest(Child, "first_name"))
    last_name: str = Field("", max_length=_greatest(Child, "last_name"))
    birth_date: Day
    school_class: ClassPath | None = Field(None, alias="class")
    animal: Literal["squirrel", "turtle", "bird", "snail", "cat", "dog", "rabbit", "fish", "rat", "panda"] | None = None
    chalk: Literal["coral", "mint", "lilac", "sun", "sky"] | None = None
    lives_here_since: Day | None = None
    health: HealthShape | None = None
    enrollments: list[EnrollmentShape] = []


def _quotient(value: Any) -> int:
    if not isinstance(value, str):
        raise ValueError('un quotient entre guillemets est attendu, comme "742,00"')  # noqa: TRY004
    cents = cents_from(value)
    if cents > HIGHEST_CENTS:
        raise ValueError(doubt_sentence(Doubt.ABSURD, cents))
    return cents


class QuotientShape(Shape):
    valid_from: Day
    value: Annotated[int, BeforeValidator(_quotient)]


class FamilyShape(Shape):
    code: str = Field(pattern=f"^{CODE}$", max_length=_greatest(Family, "code"))
    name: str = Field(min_length=1, max_length=_greatest(Family, "name"))
    address: str = Field("", max_length=_greatest(Family, "address"))
    email: Email = ""
    phone: Phone = ""
    is_resident: bool = True
    categories: list[Code] = []
    quotients: list[QuotientShape] = []
    guardians: list[GuardianShape] = []
    children: list[ChildShape] = []


class CustodyShape(Shape):
    child: LongCode
    family: str
    starts_on: Day
    ends_on: Day | None = None


class GrantShape(Shape):
    role: Literal[
        "view_day",
        "record_attendance",
        "manage_reservations",
        "manage_billing",
        "hold_regie",
        "read_families",
        "see_health",
        "see_quotient",
        "publish",
        "administer",
    ]
    facility: Code | None = None
    service: Code | None = None


class AgentShape(Shape):
    email: Email
    name: str = Field(min_length=1, max_length=_greatest(Agent, "name"))
    demonstration_password: str | None = Field(None, min_length=SHORTEST_PASSWORD, max_length=200)
    grants: list[GrantShape] = []


class ArticleShape(Shape):
    code: str = Field(pattern=f"^{CODE}$", max_length=_greatest(Article, "code"))
    title: str = Field(min_length=1, max_length=_greatest(Article, "title"))
    body: Paragraphs = Field(min_length=1, max_length=10_000)
    published_on: Day
    withdrawn_on: Day | None = None
    is_public: bool = True
    for_services: list[Code] = []
    for_facilities: list[Code] = []


class KitchenShape(Shape):
    service: Code
    facility: Code | None = None
    emails: Annotated[list[KitchenEmail], AfterValidator(_each_once)] = Field([], max_length=MOST_EMAILS)
    days_before: int | None = Field(None, ge=0, le=MOST_DAYS_BEFORE)
    at_time: Hour = time(9)
    attaches_csv: bool = True
    attaches_pdf: bool = True


class FileShape(Shape):
    """The whole file."""

    authority: AuthorityShape
    regies: list[RegieShape] = []
    facilities: list[FacilityShape] = []
    services: list[ServiceShape] = []
    kitchens: list[KitchenShape] = []
    calendar: CalendarShape = CalendarShape()
    families: list[FamilyShape] = []
    custody: list[CustodyShape] = []
    agents: list[AgentShape] = []
    articles: list[ArticleShape] = []
