"""Files brought from elsewhere, their lines, and what each did. What they say of people is encrypted."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import Facility, OfAuthority
from marelle.domain.onboarding.rules.imports.kinds import Verdict
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.files import StoredFileField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class Import(OfAuthority):
    """A file that an agent brought, or a change of classes: looked over, applied at once, undone for a day.

    `kind` names one of `operations.imports.kinds`. The file is kept until the import is forgotten (`stored_as` empty:
    none, or forgotten). `holds_on` is the day from which what it says holds. `columns` says where each thing is, by
    code; `counts` how many lines come to each verdict, then how many were written or left by an undoing. `trouble` says
    why nothing was written, to the agent.
    """

    class State(models.TextChoices):
        """Where it stands."""

        COLUMNS = "columns", "Colonnes à choisir"
        CHECKED = "checked", "À vérifier"
        APPLYING = "applying", "En cours"
        APPLIED = "applied", "Importé"
        UNDONE = "undone", "Annulé"
        ABANDONED = "abandoned", "Abandonné"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    kind = models.SlugField("nature", max_length=40)
    state = models.CharField("état", max_length=10, choices=State, default=State.COLUMNS)
    facility = models.ForeignKey(
        Facility, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    holds_on = models.DateField("à partir du")
    name = EncryptedTextField("nom du fichier", blank=True)
    stored_as = StoredFileField("fichier", null=True, blank=True, unique=True)
    columns = models.JSONField("colonnes", default=dict)
    counts = models.JSONField("nombre de lignes", default=dict)
    trouble = models.CharField("pourquoi rien n’est écrit", max_length=200, blank=True)
    checked_at = models.DateTimeField("reçu le")
    checked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField("importé le", null=True, blank=True)
    applied_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField("annulé le", null=True, blank=True)
    forgotten_at = models.DateTimeField("lignes effacées le", null=True, blank=True)

    class Meta:
        verbose_name = "import"
        constraints = (
            tenant_key(),
            models.CheckConstraint(
                condition=~models.Q(state__in=("applied", "undone")) | models.Q(applied_at__isnull=False),
                name="what_is_applied_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="undone") | models.Q(undone_at__isnull=False),
                name="what_is_undone_has_a_moment",
            ),
            *same_authority("facility"),
        )
        indexes = (models.Index(fields=("authority", "checked_at"), name="import_by_moment"),)

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportLine(OfAuthority):
    """A line of an import: what it says and comes to, what an agent chose of it, what it did.

    `number` is the row's in the file; 0 for somebody who is not in it. `content` is a `Line` (`queries.imports`), and
    `done` what was created and changed, with the values of before, for an undoing; both encrypted. `fields` are the
    codes of what the file says otherwise, `ticked` those that are to be written. `decision` is a candidate's key, or
    « new ». `left_as` says why an undoing left some of what it did.
    """

    class Left(models.TextChoices):
        """Why an undoing leaves something."""

        NOTHING = "", ""
        IN_USE = "in_use", "Quelque chose s’y rattache depuis"
        CHANGED = "changed", "Modifié depuis"

    of_import = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="lines", db_constraint=False)
    position = models.PositiveIntegerField("rang")
    number = models.PositiveIntegerField("ligne du fichier")
    verdict = models.CharField("ce qu’elle devient", max_length=10, choices=[(one.value, one.value) for one in Verdict])
    content = EncryptedTextField("ce qu’elle dit")
    fields = ArrayField(models.SlugField(max_length=40), verbose_name="ce qui change", default=list, blank=True)
    is_taken = models.BooleanField("retenue", default=False)
    ticked = ArrayField(models.SlugField(max_length=40), verbose_name="ce qui est écrit", default=list, blank=True)
    decision = models.CharField("de qui il s’agit", max_length=20, blank=True)
    done = EncryptedTextField("ce qu’elle a fait", null=True, blank=True)
    left_as = models.CharField("ce qui n’est pas annulé", max_length=10, choices=Left, blank=True, default=Left.NOTHING)

    class Meta:
        verbose_name = "ligne d’import"
        constraints = (
            models.UniqueConstraint(fields=("authority", "of_import", "position"), name="one_line_a_place"),
            *same_authority("of_import"),
        )
        indexes = (models.Index(fields=("authority", "of_import", "verdict"), name="import_line_by_verdict"),)

    def __str__(self) -> str:
        return f"ligne d’import {self.pk}"


class ColumnMapping(OfAuthority):
    """Which columns an agent said to hold what, for files of these titles (`signature`): the next one needs no word."""

    kind = models.SlugField("nature", max_length=40)
    signature = models.CharField("titres", max_length=32)
    columns = models.JSONField("colonnes", default=dict)
    chosen_at = models.DateTimeField("choisies le")

    class Meta:
        verbose_name = "colonnes d’un fichier"
        constraints = (
            models.UniqueConstraint(fields=("authority", "kind", "signature"), name="one_mapping_of_titles"),
        )
