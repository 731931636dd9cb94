"""Who comes, when; what is asked, and what was answered."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Activity, Product, Reglement, Slot
from marelle.domain.catalog.rules.absences import Cause
from marelle.domain.families.models import Child, Family
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import ScopedManager, same_authority, tenant_key


class Enrollment(OfAuthority):
    """A child is enrolled in an activity, from a date to a date: without it nothing can be reserved."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="enrollments", db_constraint=False)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="enrollments", db_constraint=False)
    starts_on = models.DateField("depuis")
    ends_on = models.DateField("jusqu’à")
    # What tariffs go by: regular, occasional, a package; its own meal (PAI), the minibus: codes that the tariff names.
    formula = models.SlugField("formule", max_length=40, blank=True, default="", db_default="")
    options = ArrayField(models.SlugField(max_length=40), verbose_name="options", default=list, blank=True)

    class Meta:
        verbose_name = "inscription"
        constraints = (
            models.UniqueConstraint(fields=("authority", "child", "activity", "starts_on"), name="one_enrollment"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="enrollment_ends_after_it_starts"),
            *same_authority("child", "activity"),
        )


class Basket(OfAuthority):
    """What an account is about to ask for a family; one per account and family, kept until it is confirmed.

    `key` names its present content for *Valider*: it changes at each confirmation, so that a repeated one is
    recognized. `revision` grows at each change, so that what is confirmed is what was seen.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="baskets")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="baskets", db_constraint=False)
    key = models.CharField(max_length=12, unique=True, default=new_public_id)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "panier"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "user", "family"), name="one_basket"),
            *same_authority("family"),
        )


class BasketLine(OfAuthority):
    """A day that the family wishes to reserve, or to cancel."""

    class Wish(models.TextChoices):
        """What is wished."""

        RESERVE = "reserve", "Réserver"
        CANCEL = "cancel", "Annuler"

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines", db_constraint=False)
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    wish = models.CharField(max_length=10, choices=Wish)
    added_at = models.DateTimeField()
    # What it adds to the bill, or takes off it, as it was shown: Valider never records another price than that.
    price_cents = models.PositiveIntegerField(null=True, blank=True)
    is_late = models.BooleanField("hors délai", default=False, db_default=False)
    # How that price is made, as it was shown: [words, cents] for each step.
    steps = models.JSONField("étapes du prix", default=list, blank=True)

    class Meta:
        verbose_name = "ligne de panier"
        constraints = (
            models.UniqueConstraint(fields=("authority", "basket", "child", "product", "date"), name="one_basket_line"),
            *same_authority("basket", "child", "product"),
        )


class Confirmation(OfAuthority):
    """A basket that was confirmed (*Valider*): its number, its moment, what it recorded."""

    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="confirmations", db_constraint=False)
    basket_key = models.CharField(max_length=12, unique=True)
    number = models.CharField("numéro", max_length=20)
    confirmed_at = models.DateTimeField()
    lines = models.JSONField(default=list)

    class Meta:
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "number"), name="confirmation_by_number"),
            *same_authority("family"),
        )


class ReservationQuerySet(models.QuerySet["Reservation"]):
    """Reservations, in sentences."""

    def active(self) -> ReservationQuerySet:
        """Will keep those that hold a place: recorded, or held until the town hall confirms."""
        return self.exclude(state=Reservation.State.CANCELLED)


class Reservation(OfAuthority):
    """A child comes for a product on a day. At most one active for (child, product, day), whatever the home.

    It stores how it was decided: on time or not, by which version of the règlement, at what moment the limit was.
    """

    class State(models.TextChoices):
        """Where it stands."""

        RESERVED = "reserved", "Réservé"
        HELD = "held", "Place gardée"
        CANCELLED = "cancelled", "Annulé"

    class Timing(models.TextChoices):
        """How it was decided."""

        ON_TIME = "on_time", "Dans les délais"
        LATE = "late", "Hors délai"
        BY_AGENT = "by_agent", "Par la mairie"

    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, related_name="reservations", db_constraint=False, db_index=False
    )
    family = models.ForeignKey(
        Family, on_delete=models.CASCADE, related_name="reservations", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="reservations", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    state = models.CharField(max_length=10, choices=State)
    held_until = models.DateTimeField(null=True, blank=True)
    timing = models.CharField(max_length=10, choices=Timing)
    deadline_at = models.DateTimeField("limite", null=True, blank=True)
    reglement = models.ForeignKey(
        Reglement,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    price_cents = models.PositiveIntegerField(null=True, blank=True)
    surcharge_cents = models.IntegerField("dont majoration", default=0, db_default=0)
    # What the règlement made of the ordinary price when it was reserved (`PriceRule.code`); empty: nothing.
    price_rule = models.CharField("majoration", max_length=24, blank=True, default="", db_default="")
    confirmation = models.ForeignKey(
        Confirmation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    reserved_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    reason = EncryptedTextField("motif", blank=True)

    objects = ScopedManager.from_queryset(ReservationQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = "réservation"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "child", "product", "date"),
                condition=~Q(state="cancelled"),
                name="one_active_reservation",
            ),
            models.CheckConstraint(condition=~Q(state="held") | Q(held_until__isnull=False), name="a_hold_has_an_end"),
            *same_authority("child", "family", "product", "reglement", "confirmation"),
        )
        indexes = (
            models.Index(fields=("authority", "product", "date"), name="reservation_by_day"),
            models.Index(fields=("authority", "child", "date"), name="reservation_by_child"),
            models.Index(fields=("held_until",), condition=Q(state="held"), name="reservation_held"),
        )


class Place(OfAuthority):
    """A place of a slot, taken by a reservation. Slot.taken is the number of these, always."""

    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="places", db_constraint=False, db_index=False
    )
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="places", db_constraint=False, db_index=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("authority", "reservation", "slot"), name="one_place"),
            *same_authority("reservation", "slot"),
        )
        indexes = (models.Index(fields=("authority", "slot"), name="place_by_slot"),)


class CancellationRequest(OfAuthority):
    """A family asks to cancel a reservation; an agent answers. The moment of asking fixes the outcome."""

    class State(models.TextChoices):
        """Where it stands."""

        PENDING = "pending", "En attente"
        ACCEPTED = "accepted", "Acceptée"
        REFUSED = "refused", "Refusée"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="cancellation_requests", db_constraint=False
    )
    confirmation = models.ForeignKey(
        Confirmation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    asked_at = models.DateTimeField()
    deadline_at = models.DateTimeField("limite", null=True, blank=True)
    # Families and agents write why, and why is often health.
    words = EncryptedTextField("mot de la famille", blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = EncryptedTextField("réponse de la mairie", blank=True)
    is_refunded = models.BooleanField("remboursée", null=True, blank=True)
    # What the règlement leaves due of the day, fixed by the moment of asking; nothing when it is given back whole.
    due_cents = models.PositiveIntegerField("reste dû", null=True, blank=True)

    class Meta:
        verbose_name = "demande d’annulation"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "reservation"), condition=Q(state="pending"), name="one_pending_request"
            ),
            models.CheckConstraint(
                condition=Q(state="pending") | Q(decided_at__isnull=False), name="an_answer_has_a_moment"
            ),
            *same_authority("reservation", "confirmation"),
        )
        indexes = (models.Index(fields=("authority", "state", "asked_at"), name="request_queue"),)


class WaitingListEntry(OfAuthority):
    """A child waits for a place in a full slot. Rank is the order of asking among those who wait for the same slot."""

    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, related_name="waiting", db_constraint=False, db_index=False
    )
    family = models.ForeignKey(
        Family, on_delete=models.CASCADE, related_name="waiting", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="waiting", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    slot = models.ForeignKey(
        Slot, on_delete=models.CASCADE, related_name="waiting", db_constraint=False, db_index=False
    )
    asked_at = models.DateTimeField()
    told_at = models.DateTimeField("prévenue le", null=True, blank=True)
    left_at = models.DateTimeField("sortie le", null=True, blank=True)

    class Meta:
        verbose_name = "attente"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "child", "product", "date"), condition=Q(left_at__isnull=True), name="one_wait"
            ),
            *same_authority("child", "family", "product", "slot"),
        )
        indexes = (models.Index(fields=("authority", "slot", "asked_at"), name="waiting_by_slot"),)


class Attendance(OfAuthority):
    """Whether a child was there for a product on a day, as an agent saw it; also for one who had not reserved."""

    class State(models.TextChoices):
        """What was seen."""

        PRESENT = "present", "Présence"
        ABSENT = "absent", "Absence"

    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, related_name="attendance", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="attendance", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    state = models.CharField(max_length=10, choices=State)
    minutes = models.PositiveSmallIntegerField("durée de présence, en minutes", null=True, blank=True)
    late_minutes = models.PositiveSmallIntegerField("retard au départ, en minutes", default=0, db_default=0)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "pointage"
        constraints = (
            models.UniqueConstraint(fields=("authority", "child", "product", "date"), name="one_attendance"),
            *same_authority("child", "product"),
        )
        indexes = (models.Index(fields=("authority", "product", "date"), name="attendance_by_day"),)


class Absence(OfAuthority):
    """A family tells that a child will not come, or did not come, on a reserved day; the place stays taken.

    Told too late to be cancelled: what it costs is what the règlement says of absences, from the moment of telling and
    the certificate. A telling that was withdrawn stays, so that nothing is lost of what was said.
    """

    CAUSES = (
        (Cause.ILLNESS.value, "Maladie"),
        (Cause.EXCEPTIONAL.value, "Événement exceptionnel"),
        (Cause.STRIKE.value, "Grève"),
        (Cause.ABSENT_TEACHER.value, "Enseignant absent"),
        (Cause.OUTING.value, "Sortie de l’école"),
        (Cause.CLOSURE.value, "Fermeture du service"),
        (Cause.OTHER.value, "Autre"),
    )

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    reservation = models.ForeignKey(Reservation, on_delete=models.CASCADE, related_name="absences", db_constraint=False)
    # An illness is health, even in one word: encrypted like the words.
    cause = EncryptedTextField("cause", choices=CAUSES)
    told_at = models.DateTimeField("prévenue le")
    told_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Why a child does not come is often health.
    words = EncryptedTextField("mot de la famille", blank=True)
    # The telling is the written request that some règlements ask for, unless one came at another moment.
    asked_at = models.DateTimeField("demande reçue le", null=True, blank=True)
    certificate_at = models.DateTimeField("certificat reçu le", null=True, blank=True)
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "absence signalée"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "reservation"), condition=Q(withdrawn_at__isnull=True), name="one_active_absence"
            ),
            *same_authority("reservation"),
        )
        indexes = (models.Index(fields=("authority", "told_at"), name="absence_by_moment"),)


class DayFigure(OfAuthority):
    """What was counted of a product on a day that is past, for children of an age and of a scheme: numbers, nobody.

    Written again each night from reservations and attendance while these may still change; kept when they are erased.
    `provider` is who paid the benefits of the homes (« CNAF », « MSA », empty when not known). `minutes` are those of
    all the presences, booked or not; `noted` is of how many of these an agent noted them.
    """

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    is_young = models.BooleanField("moins de six ans")
    provider = models.CharField("organisme", max_length=10, blank=True)
    reserved = models.PositiveIntegerField("réservés")
    present = models.PositiveIntegerField("présents")
    absent = models.PositiveIntegerField("absents")
    unbooked = models.PositiveIntegerField("venus sans réservation")
    noted = models.PositiveIntegerField("durées notées")
    minutes = models.PositiveIntegerField("minutes de présence")

    class Meta:
        verbose_name = "comptage d’un jour"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "product", "date", "is_young", "provider"), name="one_day_figure"
            ),
            *same_authority("product"),
        )
        indexes = (models.Index(fields=("authority", "date"), name="day_figure_by_day"),)


class FiguresCount(OfAuthority):
    """Until which day an authority's days are counted, and when that was; the days after are counted when asked for."""

    until = models.DateField("jusqu’au", null=True, blank=True)
    counted_at = models.DateTimeField("comptés le", null=True, blank=True)

    class Meta:
        verbose_name = "comptage des jours"
        constraints = (models.UniqueConstraint(fields=("authority",), name="one_figures_count"),)
