"""An agent edits what a file said: the next load respects her, what is used stays, a reserved day closes knowingly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from types import SimpleNamespace

import pytest

from marelle.domain.authorities.models import Authority, Facility, SchoolClass
from marelle.domain.authorities.operations.places import (
    ClassSaid,
    change_authority,
    change_logo,
    remove_facility,
    save_facility,
)
from marelle.domain.catalog.models import (
    Activity,
    ClosureDay,
    Holiday,
    Product,
    ProductSlot,
    Service,
    Slot,
    SlotTemplate,
    Tariff,
)
from marelle.domain.catalog.operations.activities import WrongActivityError, remove_activity, save_activity
from marelle.domain.catalog.operations.calendar import (
    AlreadySaidError,
    ClosureSaid,
    HolidaySaid,
    close_days,
    follow_published_calendar,
    remove_holiday,
    reopen_days,
    save_holiday,
    seed_calendar,
)
from marelle.domain.catalog.operations.offer import CapacityBelowTaken, move_up, remove_service, save_service
from marelle.domain.catalog.operations.standing import DaysStillReservedError
from marelle.domain.catalog.queries import offer_of
from marelle.domain.catalog.rules.acts import EVERYONE, RESIDENT
from marelle.domain.catalog.rules.offer_said import ActivitySaid, ProductSaid, SlotSaid
from marelle.domain.onboarding.operations.loading import load
from marelle.domain.onboarding.queries.authority_file.reading import read_file
from marelle.domain.reservations.queries.opening_day import Habit, opening_day
from marelle.domain.reservations.queries.reserved_ahead import reserved_ahead
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.holding import StillHeldError
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.test_load import TOWN
from tests.factories import town

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
MONDAY, THURSDAY = date(2026, 11, 30), date(2026, 11, 26)
BY = {"by": SYSTEM, "at": AT}
IDENTITY = {"name": "Essai-le-Bel", "phone": "01 99 00 00 00", "accent": "#AA3355", "taught_weekdays": [0, 1, 2, 3, 4]}


@pytest.fixture
def loaded(db, tmp_path, in_scope):
    """The town of a file, and how to load that file again."""
    path = tmp_path / "essai.yaml"
    path.write_text(TOWN)

    def again(*, force=False):
        return load(read_file(path), force=force, accept_passwords=False, by=SYSTEM, at=AT)

    authority = again().authority
    in_scope(authority)
    return SimpleNamespace(authority=authority, again=again, activity=Activity.objects.get(), path=path)


@pytest.fixture
def canteen(db, in_scope):
    """A canteen of 96 places where two children eat on Thursday."""
    authority = town.make_authority()
    in_scope(authority)
    meal = town.make_product(authority)
    family = town.make_family(authority)
    children = [town.make_child(family, name, products=(meal,)) for name in ("Zoé", "Adam")]
    for child in children:
        town.make_reservation(child, meal, THURSDAY, family=family)
    return SimpleNamespace(authority=authority, meal=meal, activity=meal.activity, family=family, children=children)


def said_of(activity):
    """What an agent sends who changes nothing."""
    templates = list(SlotTemplate.objects.filter(activity=activity).order_by("starts_at", "pk"))
    places = {row.pk: place for place, row in enumerate(templates)}
    return ActivitySaid(
        activity.name,
        activity.service_id,
        activity.facility_id,
        activity.starts_on,
        activity.ends_on,
        tuple(activity.term_weekdays),
        tuple(activity.holiday_weekdays),
        tuple(
            SlotSaid(row.pk, row.name, row.starts_at, row.ends_at, row.capacity, row.min_age, row.max_age)
            for row in templates
        ),
        tuple(
            ProductSaid(
                row.pk,
                row.name,
                row.noun,
                row.plural,
                tuple(
                    places[key] for key in ProductSlot.objects.filter(product=row).values_list("template", flat=True)
                ),
            )
            for row in Product.objects.filter(activity=activity).order_by("position", "pk")
        ),
    )


def save(town_, activity, said, *, is_confirmed=False):
    return save_activity(
        town_.authority, activity, said, reserved=reserved_ahead(TODAY), is_confirmed=is_confirmed, **BY
    )


class TestTheNextLoad:
    def test_what_an_agent_changed_is_kept_and_what_she_did_not_touch_follows_the_file(self, loaded):
        change_authority(loaded.authority, IDENTITY, **BY)
        said = said_of(loaded.activity)
        (noon,), (meal,) = said.slots, said.products
        changed = replace(noon, capacity=12, name="Déjeuner"), replace(meal, noun="déjeuner")
        save(loaded, loaded.activity, replace(said, slots=changed[:1], products=changed[1:]))
        loaded.path.write_text(
            TOWN.replace("01 02 03 04 05", "01 77 00 00 00").replace("name: Repas", "name: Midi à table")
        )

        kept = {fault.reason for fault in loaded.again().kept}

        authority = Authority.objects.get(pk=loaded.authority.pk)
        assert (authority.name, authority.phone, authority.accent) == ("Essai-le-Bel", "01 99 00 00 00", "#AA3355")
        assert (SlotTemplate.objects.get().capacity, SlotTemplate.objects.get().name) == (12, "Déjeuner")
        assert (Product.objects.get().noun, Product.objects.get().name) == ("déjeuner", "Midi à table")
        assert len(kept) >= 1

    def test_loading_again_after_an_agent_who_changed_nothing_changes_nothing(self, loaded):
        save(loaded, loaded.activity, said_of(loaded.activity))

        again = loaded.again()

        assert (again.has_changed, again.kept) == (False, [])

    def test_what_she_removed_stays_removed_unless_the_file_is_forced(self, loaded):
        closure = ClosureDay.objects.get()
        reopen_days(closure, **BY)
        noel = Holiday.objects.get(kind="public", starts_on=date(2026, 12, 25))
        remove_holiday(noel, reserved={}, **BY)

        loaded.again()
        assert not ClosureDay.objects.exists()
        assert not Holiday.objects.filter(kind="public", starts_on=date(2026, 12, 25)).exists()
        loaded.again(force=True)
        assert ClosureDay.objects.exists()

    def test_what_she_added_is_not_touched(self, loaded):
        place = save_facility(
            loaded.authority, None, {"name": "Centre", "kind": "leisure_centre", "address": ""}, [], **BY
        )
        close_days(loaded.authority, None, ClosureSaid("Pont", MONDAY, MONDAY, facility=place), reserved={}, **BY)

        assert not loaded.again().has_changed
        assert Facility.objects.get(code="centre").kind == "leisure_centre"
        assert ClosureDay.objects.filter(reason="Pont").exists()


class TestPlaces:
    def test_the_colors_follow_and_the_offer_is_read_anew(self, canteen):
        before = canteen.authority.catalog_version

        changed = change_authority(canteen.authority, IDENTITY, **BY)

        row = Authority.objects.get(pk=canteen.authority.pk)
        assert set(changed) == {"name", "phone", "accent", "taught_weekdays"}
        assert "--light-accent" in row.palette_css
        assert row.catalog_version == before + 1
        assert change_authority(row, IDENTITY, **BY) == ()

    def test_the_journal_says_which_fields_and_none_of_their_words(self, canteen):
        change_authority(canteen.authority, {"phone": "01 99 88 77 66"}, **BY)

        line = AuditEntry.objects.filter(verb="change_authority").get()
        assert line.details == {"fields": "phone"}

    def test_a_logo_comes_and_goes(self, canteen):
        change_logo(canteen.authority, b"\x89PNG\r\n\x1a\n0", **BY)
        assert Authority.objects.get(pk=canteen.authority.pk).logo_type == "image/png"

        change_logo(canteen.authority, None, **BY)
        assert Authority.objects.get(pk=canteen.authority.pk).logo is None

    def test_classes_are_made_changed_put_in_order_and_removed_at_once(self, canteen):
        school = town.make_facility(canteen.authority, "École des Prés")
        cp, ce1 = (town.make_class(school, name, position=place) for place, name in enumerate(("CP", "CE1")))
        said = {"name": "École du Pré", "kind": "school", "address": "2 rue du Pré"}

        save_facility(
            canteen.authority, school, said, [ClassSaid(None, "PS", "PS", "Mme Roux"), ClassSaid(cp.pk, "CP")], **BY
        )

        rows = SchoolClass.objects.filter(facility=school).order_by("position")
        assert [(row.name, row.code) for row in rows] == [("PS", "ps"), ("CP", cp.code)]
        assert not SchoolClass.objects.filter(pk=ce1.pk).exists()

    def test_a_class_with_a_child_and_a_place_with_an_activity_stay(self, canteen):
        school = canteen.activity.facility
        room = town.make_class(school, "CP")
        with permitted("factory"):
            child = canteen.children[0]
            child.school_class = room
            child.save()
        said = {"name": school.name, "kind": school.kind, "address": ""}

        with pytest.raises(StillHeldError) as held:
            save_facility(canteen.authority, school, said, [], **BY)
        assert held.value.holders == {"families.child": 1}
        with pytest.raises(StillHeldError) as held:
            remove_facility(school, **BY)
        assert held.value.holders == {"catalog.activity": 1}

    def test_an_empty_place_goes_with_its_classes(self, canteen):
        school = town.make_facility(canteen.authority, "École fermée")
        town.make_class(school, "CP")

        remove_facility(school, **BY)

        assert not SchoolClass.objects.filter(facility=school.pk).exists()


class TestServices:
    def test_a_service_is_made_last_and_goes_up(self, canteen):
        said = {"name": "Études", "icon": "book-open", "payment_mode": "prepaid", "hold_hours": 24, "regie": None}
        said |= {"phone": "", "email": "", "address": "", "opening_hours": ""}

        made = save_service(canteen.authority, None, said, **BY)

        assert [one.name for one in offer_of(canteen.authority).services] == ["Cantine", "Études"]
        move_up(made, **BY)
        assert [one.name for one in offer_of(canteen.authority).services] == ["Études", "Cantine"]
        move_up(Service.objects.get(pk=made.pk), **BY)
        remove_service(made, **BY)
        assert [one.name for one in offer_of(canteen.authority).services] == ["Cantine"]

    def test_a_service_with_an_activity_stays(self, canteen):
        with pytest.raises(StillHeldError):
            remove_service(canteen.activity.service, **BY)


class TestActivities:
    def test_a_new_one_opens_its_slots_and_is_offered_at_once(self, canteen):
        said = replace(
            said_of(canteen.activity),
            name="Garderie",
            starts_on=date(2026, 11, 23),
            ends_on=date(2026, 12, 4),
            slots=(SlotSaid(None, "Soir", time(16, 30), time(18, 30), 20),),
            products=(ProductSaid(None, "Garderie du soir", "soirée", "soirées", (0,)),),
        )

        made = save(canteen, None, said)

        slots = Slot.objects.filter(activity=made)
        assert (slots.count(), set(slots.values_list("capacity", flat=True))) == (8, {20})
        product = next(one for one in offer_of(canteen.authority).products if one.activity.pk == made.pk)
        assert (product.code, product.plural, len(product.parts)) == ("garderie-garderie-du-soir", "soirées", 1)

    def test_its_faults_are_refused_and_nothing_is_written(self, canteen):
        with pytest.raises(WrongActivityError):
            save(canteen, None, replace(said_of(canteen.activity), products=()))
        assert Activity.objects.count() == 1

    def test_places_never_go_below_those_taken(self, canteen):
        said = said_of(canteen.activity)

        with pytest.raises(CapacityBelowTaken):
            save(canteen, canteen.activity, replace(said, slots=(replace(said.slots[0], capacity=1),)))
        save(canteen, canteen.activity, replace(said, slots=(replace(said.slots[0], capacity=2),)))

        assert set(Slot.objects.filter(date__gte=TODAY).values_list("capacity", flat=True)) == {2}
        assert set(
            Slot.objects.filter(date__range=(date(2026, 11, 1), date(2026, 11, 22))).values_list("capacity", flat=True)
        ) == {96}

    def test_a_product_or_a_slot_that_served_stays_and_one_that_never_did_goes_with_its_price(self, canteen):
        said = said_of(canteen.activity)
        more = replace(said, products=(*said.products, ProductSaid(None, "Panier", "panier", "paniers", (0,))))
        save(canteen, canteen.activity, more)
        basket = Product.objects.get(name="Panier")
        with permitted("factory"):
            Tariff.objects.create(
                authority=canteen.authority, product=basket, valid_from=TODAY, rules={"price": "1,00"}
            )

        with pytest.raises(StillHeldError) as held:
            save(canteen, canteen.activity, replace(said, products=(replace(more.products[1], key=basket.pk),)))
        assert held.value.holders["reservations.reservation"] == 2
        save(canteen, canteen.activity, said)
        assert not Tariff.objects.filter(product=basket.pk).exists()
        other = SlotSaid(None, "Matin", time(7, 30), time(8, 30))
        with pytest.raises(StillHeldError) as held:
            save(canteen, canteen.activity, replace(said, slots=(other,)))
        assert held.value.holders == {"reservations.place": 2}

    def test_an_activity_that_lived_is_ended_and_one_that_never_did_is_removed(self, canteen):
        with pytest.raises(StillHeldError):
            remove_activity(canteen.activity, **BY)
        never = town.make_product(canteen.authority, name="Judo").activity

        remove_activity(never, **BY)

        assert list(Activity.objects.all()) == [canteen.activity]
        assert not Slot.objects.filter(activity=never.pk).exists()

    @pytest.mark.parametrize("change", [{"ends_on": THURSDAY.replace(day=25)}, {"term_weekdays": (0, 1, 4)}])
    def test_days_that_are_reserved_close_only_when_somebody_says_so(self, canteen, change):
        said = replace(said_of(canteen.activity), **change)
        version = canteen.authority.catalog_version

        with pytest.raises(DaysStillReservedError) as still:
            save(canteen, canteen.activity, said)
        assert [(one.day, one.count) for one in still.value.standing] == [(THURSDAY, 2)]
        assert Activity.objects.get().ends_on == canteen.activity.ends_on
        assert Authority.objects.get(pk=canteen.authority.pk).catalog_version == version
        save(canteen, canteen.activity, said, is_confirmed=True)
        assert AuditEntry.objects.filter(verb="save_activity").latest("pk").details["left_standing"] == 2


class TestCalendar:
    def test_a_closure_says_who_would_come_to_a_closed_door(self, canteen):
        strike = ClosureSaid("Grève", THURSDAY, THURSDAY, service=canteen.activity.service)

        with pytest.raises(DaysStillReservedError) as still:
            close_days(canteen.authority, None, strike, reserved=reserved_ahead(TODAY), **BY)
        assert sum(one.count for one in still.value.standing) == 2
        assert not ClosureDay.objects.exists()
        close_days(canteen.authority, None, strike, reserved=reserved_ahead(TODAY), is_confirmed=True, **BY)

        offer = offer_of(canteen.authority)
        assert offer.day(offer.product_by_pk[canteen.meal.pk], THURSDAY).closed.reason == "Grève"

    def test_the_same_days_are_not_closed_twice_for_the_same_thing(self, canteen):
        one_day = ClosureSaid("Pont", MONDAY, MONDAY)
        closure = close_days(canteen.authority, None, one_day, reserved={}, **BY)

        with pytest.raises(AlreadySaidError):
            close_days(canteen.authority, None, replace(one_day, reason="Travaux"), reserved={}, **BY)
        close_days(canteen.authority, closure, replace(one_day, reason="Travaux"), reserved={}, **BY)
        assert ClosureDay.objects.get().reason == "Travaux"

    def test_days_that_reopen_have_their_places(self, canteen):
        with permitted("factory"):
            Slot.objects.filter(date=MONDAY).delete()
        closure = town.make_closure(canteen.authority, "Pont", MONDAY)
        canteen.authority.refresh_from_db()

        reopen_days(closure, **BY)

        assert Slot.objects.get(date=MONDAY).capacity == 96

    def test_holidays_close_the_canteen_of_their_days(self, canteen):
        days = HolidaySaid("school", "Vacances avancées", THURSDAY, THURSDAY)

        with pytest.raises(DaysStillReservedError):
            save_holiday(canteen.authority, None, days, reserved=reserved_ahead(TODAY), **BY)
        made = save_holiday(canteen.authority, None, days, reserved=reserved_ahead(TODAY), is_confirmed=True, **BY)
        with pytest.raises(AlreadySaidError):
            save_holiday(canteen.authority, None, days, reserved={}, **BY)
        save_holiday(canteen.authority, made, replace(days, name="Pont"), reserved={}, **BY)
        assert Holiday.objects.get(starts_on=THURSDAY).name == "Pont"

    def test_a_change_of_zone_takes_the_other_zone_s_holidays_off_and_keeps_what_an_agent_wrote(self, canteen):
        seed_calendar(canteen.authority, **BY)
        own = save_holiday(
            canteen.authority,
            None,
            HolidaySaid("school", "Rentrée décalée", MONDAY, MONDAY),
            reserved={},
            **BY,
        )
        winter = {"kind": "school", "name": "Vacances d’hiver"}
        assert Holiday.objects.filter(**winter, starts_on=date(2027, 2, 6)).exists()
        change_authority(canteen.authority, {"school_zone": "A"}, **BY)
        authority = Authority.objects.get(pk=canteen.authority.pk)

        follow_published_calendar(authority, reserved={}, **BY)

        days = set(Holiday.objects.filter(**winter, starts_on__year=2027).values_list("starts_on", flat=True))
        assert days == {date(2027, 2, 13)}
        assert Holiday.objects.filter(pk=own.pk).exists()
        assert follow_published_calendar(authority, reserved={}, **BY) == 0
        change_authority(authority, {"school_zone": "C"}, **BY)
        follow_published_calendar(Authority.objects.get(pk=authority.pk), reserved={}, **BY)
        days = set(Holiday.objects.filter(**winter, starts_on__year=2027).values_list("starts_on", flat=True))
        assert days == {date(2027, 2, 6)}


class TestOpeningDay:
    WAVES = {
        "book": {
            "closes": {"shape": "offset", "count": 2, "unit": "day", "time": "09:00"},
            "opens": [
                {"for": "resident", "at": "2026-11-24 08:30"},
                {"for": "everyone", "at": "2026-11-25 08:30"},
            ],
        },
        "cancel": {"shape": "offset", "count": 2, "unit": "day", "time": "09:00"},
    }
    FIRST, LAST = date(2026, 12, 1), date(2026, 12, 31)

    def play(self, authority, product, habit, first=FIRST, last=LAST):
        offer = offer_of(Authority.objects.get(pk=authority.pk))
        activity = next(one for one in offer.activities if one.pk == product.activity_id)
        return opening_day(activity, offer, first=first, last=last, habit=habit)

    def test_residents_take_the_places_and_what_each_had_a_year_before_is_what_it_asks(self, db, in_scope):
        authority = town.make_authority()
        in_scope(authority)
        service = town.make_service(authority, "Mercredis")
        days = {"service": service, "name": "Journée", "term_weekdays": (2,), "capacity": 2}
        before = town.make_product(
            authority,
            **days,
            period=(date(2025, 9, 1), date(2026, 7, 3)),
            slot_days=(date(2025, 12, 1), date(2025, 12, 31)),
        )
        now = town.make_product(authority, **days, rules=self.WAVES)
        here, elsewhere = town.make_family(authority, "Ici"), town.make_family(authority, "Ailleurs")
        with permitted("factory"):
            elsewhere.is_resident = False
            elsewhere.save()
        # Last year: Zoé on the first Wednesday, Adam on both; Noor is new.
        zoe = town.make_child(here, "Zoé", products=(before, now))
        adam = town.make_child(elsewhere, "Adam", products=(before, now))
        town.make_child(here, "Noor", products=(now,))
        first, second = date(2025, 12, 3), date(2025, 12, 10)
        for child, day, family in ((zoe, first, here), (adam, first, elsewhere), (adam, second, elsewhere)):
            town.make_reservation(child, before, day, family=family)

        trial = self.play(authority, now, Habit.LAST_YEAR, last=date(2026, 12, 11))

        residents, everyone = trial.outcome.waves
        assert (trial.children, trial.newcomers, trial.days) == (3, 1, (date(2026, 12, 2), date(2026, 12, 9)))
        assert (residents.wave.audience, residents.products[now.pk].asked, residents.left) == (RESIDENT, 3, 1)
        assert (everyone.wave.audience, everyone.products[now.pk].asked) == (EVERYONE, 2)
        assert (everyone.products[now.pk].given, everyone.with_none) == (1, set())
        every_day = self.play(authority, now, Habit.EVERY_DAY, last=date(2026, 12, 11)).outcome.waves
        assert every_day[1].full_on_arrival == {adam.pk}

    def test_what_is_reserved_already_is_not_asked_again(self, canteen):
        trial = self.play(canteen.authority, canteen.meal, Habit.EVERY_DAY, first=THURSDAY, last=date(2026, 11, 27))

        (wave,) = trial.outcome.waves
        assert (wave.products[canteen.meal.pk].asked, wave.left) == (2, 94)

    @pytest.mark.parametrize("habit", Habit)
    def test_it_asks_the_database_as_little_for_many_children_as_for_two(
        self, canteen, habit, django_assert_num_queries
    ):
        offer_of(Authority.objects.get(pk=canteen.authority.pk))
        count = 6 if habit is Habit.LAST_YEAR else 5
        for _more in range(2):
            canteen.authority.refresh_from_db()
            with tenancy.scope({canteen.authority.pk}), django_assert_num_queries(count):
                self.play(canteen.authority, canteen.meal, habit)
            for number in range(5):
                town.make_child(canteen.family, f"Enfant {number}", products=(canteen.meal,))
