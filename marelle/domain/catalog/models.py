"""What an authority offers, when, by which rule and at what price."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marelle.domain.authorities.models import Contact, Facility, OfAuthority, Regie
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class Holiday(OfAuthority):
    """School holidays, a public holiday or a day the town hall is shut, in the authority's own editable calendar."""

    class Kind(models.TextChoices):
        """Which calendar it comes from."""

        SCHOOL = "school", "Vacances scolaires"
        PUBLIC = "public", "Jour férié"
        TOWN_HALL = "town_hall", "Mairie fermée"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField("nom", max_length=80)
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("authority", "kind", "starts_on"), name="one_holiday"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="holiday_ends_after_it_starts"),
        )


class Service(OfAuthority, Contact):
    """A public service: restauration, périscolaire, accueil de loisirs."""

    class PaymentMode(models.TextChoices):
        """When families pay."""

        IN_ARREARS = "in_arrears", "En fin de mois"
        PREPAID = "prepaid", "À la réservation"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    code = models.SlugField(max_length=40)
    name = models.CharField("nom", max_length=100)
    icon = models.CharField("icône", max_length=30, default="utensils")
    payment_mode = models.CharField("paiement", max_length=12, choices=PaymentMode, default=PaymentMode.IN_ARREARS)
    hold_hours = models.PositiveSmallIntegerField("heures pendant lesquelles une place est gardée", default=72)
    regie = models.ForeignKey(Regie, on_delete=models.SET_NULL, null=True, blank=True, db_constraint=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "code"), name="service_by_code"),
            *same_authority("regie"),
        )

    def __str__(self) -> str:
        return self.name


class ClosureDay(OfAuthority):
    """Days on which nothing, one service or one facility is open, and why, as families read it."""

    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour")
    reason = models.CharField("motif", max_length=120)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False)
    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False)

    class Meta:
        verbose_name = "fermeture"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "starts_on", "service", "facility"), name="one_closure", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="closure_ends_after_it_starts"),
            *same_authority("service", "facility"),
        )


class Activity(OfAuthority):
    """What a child is enrolled in, for a period, at a facility."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    code = models.SlugField(max_length=60)
    name = models.CharField("nom", max_length=100)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="activities", db_constraint=False)
    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="activities", db_constraint=False)
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour")
    term_weekdays = ArrayField(models.SmallIntegerField(), verbose_name="jours en période scolaire", default=list)
    holiday_weekdays = ArrayField(models.SmallIntegerField(), verbose_name="jours en vacances", default=list)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "activité"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "code"), name="activity_by_code"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="activity_ends_after_it_starts"),
            *same_authority("service", "facility"),
        )

    def __str__(self) -> str:
        return self.name


class SlotTemplate(OfAuthority):
    """A part of an open day that has places: midi, matin, soir; for one age group when ages are given."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="slot_templates", db_constraint=False)
    code = models.SlugField(max_length=40)
    name = models.CharField("nom", max_length=60)
    starts_at = models.TimeField("de")
    ends_at = models.TimeField("à")
    capacity = models.PositiveIntegerField("places", null=True, blank=True)
    min_age = models.PositiveSmallIntegerField("âge minimum", null=True, blank=True)
    max_age = models.PositiveSmallIntegerField("âge maximum", null=True, blank=True)

    class Meta:
        verbose_name = "modèle de séance"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "activity", "code"), name="slot_template_by_code"),
            *same_authority("activity"),
        )


class Product(OfAuthority):
    """What is delivered and priced (prestation): a meal, an evening, a half-day."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    code = models.SlugField(max_length=60)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="products", db_constraint=False)
    name = models.CharField("nom", max_length=60)
    noun = models.CharField("au singulier", max_length=60)
    plural = models.CharField("au pluriel", max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "prestation"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "code"), name="product_by_code"),
            *same_authority("activity"),
        )

    def __str__(self) -> str:
        return self.name


class ProductSlot(OfAuthority):
    """A product takes a place in this part of the day."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="product_slots", db_constraint=False)
    template = models.ForeignKey(SlotTemplate, on_delete=models.CASCADE, related_name="+", db_constraint=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("authority", "product", "template"), name="one_product_slot"),
            *same_authority("product", "template"),
        )


class Slot(OfAuthority):
    """A part of one open day, with its places. `taken` is written only by the statements that take and free places."""

    template = models.ForeignKey(SlotTemplate, on_delete=models.CASCADE, related_name="slots", db_constraint=False)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="slots", db_constraint=False)
    date = models.DateField("jour")
    capacity = models.PositiveIntegerField("places", null=True, blank=True)
    taken = models.PositiveIntegerField("places prises", default=0)

    class Meta:
        verbose_name = "séance"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "template", "date"), name="one_slot"),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(taken__lte=F("capacity")), name="slot_never_oversold"
            ),
            *same_authority("template", "activity"),
        )
        indexes = (models.Index(fields=("authority", "activity", "date"), name="slot_by_activity"),)


class Reglement(OfAuthority):
    """Booking and cancelling rules of an activity (or of one of its products), as voted, from a date on."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="reglements", db_constraint=False)
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="reglements", null=True, blank=True, db_constraint=False
    )
    valid_from = models.DateField("à partir du")
    resolution = models.CharField("délibération", max_length=120, blank=True)
    rules = models.JSONField("règles")

    class Meta:
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "activity", "product", "valid_from"), name="one_reglement", nulls_distinct=False
            ),
            *same_authority("activity", "product"),
        )


class Tariff(OfAuthority):
    """What a product costs from a date on, as voted: the written form of `rules.tariffs.Tariff`."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="tariffs", db_constraint=False)
    valid_from = models.DateField("à partir du")
    resolution = models.CharField("délibération", max_length=120, blank=True)
    rules = models.JSONField("tarif")

    class Meta:
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "product", "valid_from"), name="one_tariff"),
            *same_authority("product"),
        )
