"""Who comes, when; what is asked, and what was answered."""

from __future__ import annotations

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import Facility, OfAuthority
from marelle.domain.catalog.models import Activity, Product, Reglement, Service, Slot
from marelle.domain.catalog.rules.absences import Cause
from marelle.domain.families.models import Child, Family
from marelle.domain.reservations.rules.disruptions import LONGEST_TITLE, Effect, Kind
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


class Disruption(OfAuthority):
    """Something happens to days that were reserved (événement): a strike, an absent teacher, an outing.

    What it is about is kept as it was chosen: the keys of products, and of classes when it is not about all of them.
    While it stands and cancels, nobody reserves what it is about: to families it is a closure of those days.
    """

    KINDS = (
        (Kind.STRIKE.value, "Grève"),
        (Kind.ABSENT_TEACHER.value, "Enseignant absent"),
        (Kind.OUTING.value, "Sortie de l’école"),
        (Kind.SNOW.value, "Neige, intempéries"),
        (Kind.CLOSURE.value, "Fermeture"),
        (Kind.OTHER.value, "Autre"),
    )
    EFFECTS = (
        (Effect.CANCEL.value, "Annuler sans facturer"),
        (Effect.ABSENCE.value, "Absences, comptées comme le règlement le dit"),
        (Effect.KEEP.value, "Garder les réservations"),
    )

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    kind = models.CharField("nature", max_length=20, choices=KINDS)
    effect = models.CharField("effet", max_length=10, choices=EFFECTS)
    # Read by families, on their calendar and in what is written to them.
    title = models.CharField("titre", max_length=LONGEST_TITLE)
    words = models.TextField("mot aux familles", blank=True)
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour")
    products = ArrayField(models.BigIntegerField(), verbose_name="prestations")
    classes = ArrayField(models.BigIntegerField(), verbose_name="classes", default=list, blank=True)
    declared_at = models.DateTimeField("déclaré le")
    declared_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField("défait le", null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "événement"
        constraints = (
            tenant_key(),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="disruption_ends_after_it_starts"),
        )
        indexes = (
            models.Index(
                fields=("authority", "ends_on"), condition=Q(undone_at__isnull=True), name="disruption_standing"
            ),
        )

    def __str__(self) -> str:
        return f"événement {self.pk}"


class DisruptionLine(OfAuthority):
    """What an event did to one reservation, and all that it takes to undo it exactly.

    `slots` are the keys of those where it had its places. The absence that was told, the request that was granted, bear
    the very moment of the event, by which they are found again. `left_for` says why nothing was done, `back_as` what
    undoing made of it: empty as long as it is not undone.
    """

    class Did(models.TextChoices):
        """What was done."""

        CANCELLED = "cancelled", "Annulée"
        TOLD = "told", "Absence"
        LEFT = "left", "Gardée"

    disruption = models.ForeignKey(
        Disruption, on_delete=models.CASCADE, related_name="lines", db_constraint=False, db_index=False
    )
    reservation = models.ForeignKey(Reservation, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    did = models.CharField("effet", max_length=10, choices=Did)
    left_for = models.CharField("laissée parce que", max_length=20, blank=True)
    former_state = models.CharField("état d’avant", max_length=10)
    former_held_until = models.DateTimeField("gardée jusqu’au", null=True, blank=True)
    slots = ArrayField(models.BigIntegerField(), verbose_name="créneaux", default=list, blank=True)
    # What the règlement left due by the request that was pending.
    former_due_cents = models.PositiveIntegerField("restait dû", null=True, blank=True)
    back_as = models.CharField("défaite", max_length=20, blank=True)

    class Meta:
        verbose_name = "réservation d’un événement"
        constraints = (
            models.UniqueConstraint(fields=("authority", "disruption", "reservation"), name="one_disruption_line"),
            *same_authority("disruption", "reservation"),
        )


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
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "child", "product", "date"), condition=Q(left_at__isnull=True), name="one_wait"
            ),
            *same_authority("child", "family", "product", "slot"),
        )
        indexes = (models.Index(fields=("authority", "slot", "asked_at"), name="waiting_by_slot"),)


class FreedPlace(OfAuthority):
    """A family that may no longer cancel lets its place go, if somebody who waits takes it; it stays due otherwise."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "À prendre"
        TAKEN = "taken", "Prise"
        WITHDRAWN = "withdrawn", "Reprise par la famille"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="freed_places", db_constraint=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    freed_at = models.DateTimeField("libérée le")
    freed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField("réglée le", null=True, blank=True)

    class Meta:
        verbose_name = "place libérée"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "reservation"), condition=Q(state="open"), name="one_open_freed_place"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(settled_at__isnull=False), name="a_settled_freed_place_has_a_moment"
            ),
            *same_authority("reservation"),
        )


class PlaceOffer(OfAuthority):
    """A place offered to a child who waits, kept until a moment: by a held reservation, or by a place that is let go.

    Over for whoever reads it once its moment is past, or what keeps it holds no more; `state` then follows.
    """

    class State(models.TextChoices):
        """Where it stands."""

        OFFERED = "offered", "Proposée"
        ACCEPTED = "accepted", "Acceptée"
        DECLINED = "declined", "Refusée"
        EXPIRED = "expired", "Sans réponse"
        WITHDRAWN = "withdrawn", "Retirée"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    entry = models.ForeignKey(WaitingListEntry, on_delete=models.CASCADE, related_name="offers", db_constraint=False)
    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, null=True, blank=True, related_name="place_offers", db_constraint=False
    )
    freed = models.ForeignKey(
        FreedPlace, on_delete=models.CASCADE, null=True, blank=True, related_name="offers", db_constraint=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    offered_at = models.DateTimeField("proposée le")
    expires_at = models.DateTimeField("jusqu’au")
    # An agent offers out of order, and says why: often something of the family's.
    offered_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = EncryptedTextField("motif", blank=True)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)

    class Meta:
        verbose_name = "place proposée"
        constraints = (
            models.UniqueConstraint(fields=("authority", "entry"), condition=Q(state="offered"), name="one_offer"),
            models.UniqueConstraint(
                fields=("authority", "freed"), condition=Q(state="offered"), name="one_offer_of_a_freed_place"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("offered_at")), name="an_offer_lasts"),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(reservation__isnull=False) | Q(freed__isnull=False),
                name="an_offer_has_a_place",
            ),
            models.CheckConstraint(
                condition=Q(state="offered") | Q(answered_at__isnull=False), name="an_offer_over_has_a_moment"
            ),
            *same_authority("entry", "reservation", "freed"),
        )
        indexes = (
            models.Index(fields=("expires_at",), condition=Q(state="offered"), name="offer_running"),
            models.Index(fields=("authority", "entry"), name="offer_by_entry"),
        )


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
    fetched_at = models.TimeField("heure de départ", null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "pointage"
        constraints = (
            models.UniqueConstraint(fields=("authority", "child", "product", "date"), name="one_attendance"),
            *same_authority("child", "product"),
        )
        indexes = (models.Index(fields=("authority", "product", "date"), name="attendance_by_day"),)


class AttendanceMark(OfAuthority):
    """A tick, as a tablet or a page sent it: never changed, so that nothing that somebody saw is lost.

    What stands of them is computed by `rules.attendance`, and written in `Attendance`, which everything else reads.
    """

    uid = models.UUIDField("tiré par l’appareil")
    device = models.CharField("appareil", max_length=36)
    seq = models.PositiveBigIntegerField("rang sur l’appareil")
    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, related_name="attendance_marks", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="attendance_marks", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    state = models.CharField(max_length=10, choices=Attendance.State, blank=True)
    minutes = models.PositiveSmallIntegerField("durée de présence, en minutes", null=True, blank=True)
    late_minutes = models.PositiveSmallIntegerField("retard au départ, en minutes", default=0)
    fetched_at = models.TimeField("heure de départ", null=True, blank=True)
    # The marks (uids) in view of which it was made; one that another tablet made meanwhile is not among them.
    knew = ArrayField(models.UUIDField(), verbose_name="en vue de", default=list, blank=True)
    seen_at = models.DateTimeField("vu le")
    received_at = models.DateTimeField("reçu le")
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "pointage reçu"
        constraints = (
            models.UniqueConstraint(fields=("authority", "uid"), name="one_attendance_mark"),
            *same_authority("child", "product"),
        )
        indexes = (
            models.Index(fields=("authority", "date", "product", "child"), name="attendance_mark_by_day"),
            models.Index(fields=("authority", "received_at"), name="attendance_mark_received"),
        )


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


class KitchenSettings(OfAuthority):
    """When the meals of a service are ordered, and who is told: at one facility, else at all those without their own.

    `days_before` None: once the limits of the règlements are past; else so many working days before, at `at_time`.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    facility = models.ForeignKey(
        Facility,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    emails = ArrayField(models.EmailField(), verbose_name="adresses e-mail de la cuisine", default=list, blank=True)
    days_before = models.PositiveSmallIntegerField("jours ouvrés avant", null=True, blank=True)
    at_time = models.TimeField("heure", default=time(9))
    attaches_csv = models.BooleanField("joindre un tableau (CSV)", default=True)
    attaches_pdf = models.BooleanField("joindre un document (PDF)", default=True)

    class Meta:
        verbose_name = "réglage de la cuisine"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "service", "facility"), name="one_kitchen_settings", nulls_distinct=False
            ),
            *same_authority("service", "facility"),
        )


class KitchenOrder(OfAuthority):
    """What a kitchen was told for a day of a service at a facility: counts, frozen. A correction is another revision.

    The database refuses to change what was ordered; what happens to it afterwards (sent, returned) is written on it.
    """

    class Why(models.TextChoices):
        """What made this revision."""

        LIMIT = "limit", "À la limite"
        CORRECTION = "correction", "Rectificatif"
        EVENT = "event", "Événement"

    class State(models.TextChoices):
        """Whether the kitchen was told."""

        KEPT = "kept", "Sans destinataire"
        QUEUED = "queued", "À envoyer"
        SENT = "sent", "Envoyée"
        FAILED = "failed", "Pas encore partie"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    facility = models.ForeignKey(
        Facility, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    revision = models.PositiveSmallIntegerField("version", default=1)
    why = models.CharField("pourquoi", max_length=10, choices=Why, default=Why.LIMIT)
    # Counts without names, but of diets in the words of families, which may say more: encrypted like health.
    content = EncryptedTextField("détail des repas")
    meals = models.PositiveIntegerField("repas commandés")
    frozen_at = models.DateTimeField("figée le")
    sent_to = ArrayField(models.EmailField(), verbose_name="destinataires", default=list, blank=True)
    state = models.CharField("envoi", max_length=10, choices=State)
    sent_at = models.DateTimeField("envoyée le", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("échecs", default=0)
    # When the server of an address gave it back for good: by the clock of the machine.
    returned_at = models.DateTimeField("revenue le", null=True, blank=True)

    class Meta:
        verbose_name = "commande de repas"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "service", "date", "facility", "revision"), name="one_kitchen_order"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="a_sent_order_has_a_moment"
            ),
            *same_authority("service", "facility"),
        )


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
