"""Authorities and what is physically theirs."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import models

from marelle.foundation.tenancy import ScopedManager, same_authority, tenant_key


class Contact(models.Model):
    """How to reach somebody at the authority: shown beside every refusal and deadline."""

    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    address = models.CharField("adresse", max_length=200, blank=True)
    opening_hours = models.CharField("horaires d’ouverture", max_length=300, blank=True)

    class Meta:
        abstract = True


def weekdays() -> list[int]:
    """Will return Monday to Friday, on which a town hall is open unless it says otherwise."""
    return [0, 1, 2, 3, 4]


class Authority(Contact):
    """A local authority: the tenant."""

    class Kind(models.TextChoices):
        """What the law calls it."""

        COMMUNE = "commune", "Commune"
        EPCI = "epci", "Intercommunalité"
        CCAS = "ccas", "Centre communal d’action sociale"
        CAISSE = "caisse", "Caisse des écoles"

    class Zone(models.TextChoices):
        """School holiday zones; overseas and Corsica publish their own calendar."""

        A = "A", "Zone A"
        B = "B", "Zone B"
        C = "C", "Zone C"
        OWN = "", "Calendrier propre"

    slug = models.SlugField("nom dans l’adresse", unique=True, max_length=60)
    name = models.CharField("nom", max_length=100)
    kind = models.CharField("nature", max_length=10, choices=Kind, default=Kind.COMMUNE)
    insee_code = models.CharField("code INSEE", max_length=5, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    department = models.CharField("département", max_length=3)
    school_zone = models.CharField("zone scolaire", max_length=1, choices=Zone, blank=True)
    taught_weekdays = models.JSONField("jours de classe", default=list)
    town_hall_weekdays = models.JSONField("jours d’ouverture de la mairie", default=weekdays)
    timezone = models.CharField("fuseau horaire", max_length=40, default="Europe/Paris")
    announcement = models.CharField("annonce de la page publique", max_length=200, blank=True)
    accent = models.CharField("couleur", max_length=7, default="#3953A8")
    palette_css = models.TextField("feuille de couleurs", blank=True)
    logo = models.BinaryField("logo", null=True)
    logo_type = models.CharField("type du logo", max_length=30, blank=True)
    is_open = models.BooleanField("ouverte au public", default=True)
    catalog_version = models.PositiveIntegerField("version du catalogue", default=1)

    objects: ClassVar[models.Manager[Authority]] = models.Manager()

    class Meta:
        verbose_name = "collectivité"

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Will return the time zone in which its moments are decided."""
        return ZoneInfo(self.timezone)


class OfAuthority(models.Model):
    """A row that belongs to an authority; its default manager refuses to answer outside a scope."""

    # Every index of a table of an authority begins with the authority: one of its own would serve nothing.
    authority = models.ForeignKey(
        Authority, on_delete=models.CASCADE, related_name="+", verbose_name="collectivité", db_index=False
    )

    objects = ScopedManager()

    class Meta:
        abstract = True


class Regie(OfAuthority):
    """A régie de recettes: the till through which an authority is paid."""

    class Title(models.TextChoices):
        """How it names an invoice to families."""

        BY_NUMBER = "by_number", "facture n° 154 de …"
        BY_DATE = "by_date", "Facture du 01/10/2016 pour …"

    code = models.SlugField(max_length=40)
    name = models.CharField("nom", max_length=100)
    # Off: the authority invoices with another tool, and Marelle makes no invoice.
    has_billing = models.BooleanField("facture avec Marelle", default=True, db_default=True)
    # « {exercice}-CA-00-{numero} » gives 2026-CA-00-154; « {numero:5} » would write 00154.
    number_pattern = models.CharField(
        "référence des factures", max_length=40, default="{exercice}-{numero:5}", db_default="{exercice}-{numero:5}"
    )
    invoice_title = models.CharField(
        "intitulé des factures", max_length=10, choices=Title, default=Title.BY_NUMBER, db_default="by_number"
    )
    payment_days = models.PositiveSmallIntegerField("jours pour payer", default=30, db_default=30)
    # L. 1611-5 and D. 1611-1 of the CGCT: a debt under 15 € is not put into recovery, so months are grouped.
    small_debt_cents = models.PositiveIntegerField("report des petites sommes", default=1500, db_default=1500)
    payments_known_until = models.DateField("paiements connus jusqu’au", null=True, blank=True)
    # Since when its invoices are paid online (mesfacturesonline); None: it has not joined.
    online_from = models.DateField("factures en ligne depuis le", null=True, blank=True)
    payfip_id = models.CharField("identifiant collectivité", max_length=6, blank=True, default="", db_default="")
    how_to_pay = models.TextField("comment payer", blank=True, default="", db_default="")
    vat_words = models.CharField(
        "mention de TVA", max_length=200, default="TVA non applicable", db_default="TVA non applicable"
    )
    issuer_name = models.CharField("émetteur", max_length=100, blank=True, default="", db_default="")
    issuer_quality = models.CharField("qualité de l’émetteur", max_length=100, blank=True, default="", db_default="")

    class Meta:
        constraints = (tenant_key(), models.UniqueConstraint(fields=("authority", "code"), name="regie_by_code"))

    def __str__(self) -> str:
        return self.name


class Facility(OfAuthority):
    """A place where children are looked after: a school, a leisure centre."""

    class Kind(models.TextChoices):
        """What it is."""

        SCHOOL = "school", "École"
        LEISURE_CENTRE = "leisure_centre", "Centre de loisirs"
        OTHER = "other", "Autre"

    code = models.SlugField(max_length=40)
    name = models.CharField("nom", max_length=100)
    kind = models.CharField("nature", max_length=20, choices=Kind, default=Kind.SCHOOL)
    address = models.CharField("adresse", max_length=200, blank=True)

    class Meta:
        verbose_name = "établissement"
        constraints = (tenant_key(), models.UniqueConstraint(fields=("authority", "code"), name="facility_by_code"))

    def __str__(self) -> str:
        return self.name


class SchoolClass(OfAuthority):
    """A class of a school, in the order in which the school lists them."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="classes", db_constraint=False)
    code = models.SlugField(max_length=40)
    name = models.CharField("nom", max_length=40)
    level = models.CharField("niveau", max_length=20, blank=True)
    teacher = models.CharField("enseignant ou enseignante", max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "classe"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "facility", "code"), name="class_by_code"),
            *same_authority("facility"),
        )

    def __str__(self) -> str:
        return self.name


class LoadedRecord(OfAuthority):
    """What a file last said of a row, as digests: tells a field edited in the office since from one never touched."""

    kind = models.CharField(max_length=40)
    object_key = models.BigIntegerField()
    digests = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("authority", "kind", "object_key"), name="loaded_record_by_object"),
        )


__all__ = (
    "Authority",
    "Contact",
    "Facility",
    "LoadedRecord",
    "OfAuthority",
    "Regie",
    "SchoolClass",
)
