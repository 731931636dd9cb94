"""By what families are looked for: words that the database itself keeps right, whoever writes (decision 35)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Family
from marelle.foundation.tenancy import same_authority


class SearchEntry(OfAuthority):
    """A word that leads to a family: of a name, an e-mail address, a telephone number, the number of the file.

    Only triggers of the database write here, in the transaction that changes whom the word is from: `source` and
    `source_key` name that row. A word is in small plain letters, and is compared byte by byte: the words that begin
    alike follow each other.
    """

    # Made by the database from other rows: it holds nobody back, and goes with them.
    is_derived: ClassVar[bool] = True

    class Source(models.TextChoices):
        """Whom it is from."""

        FAMILY = "f", "Famille"
        GUARDIAN = "g", "Responsable"
        CHILD = "c", "Enfant"

    word = models.CharField("mot", max_length=254, db_collation="C")
    family = models.ForeignKey(
        Family, on_delete=models.CASCADE, related_name="search_entries", db_constraint=False, db_index=False
    )
    source = models.CharField(max_length=1, choices=Source)
    source_key = models.BigIntegerField()

    class Meta:
        verbose_name = "mot d’une famille"
        constraints = same_authority("family")
        indexes = (
            models.Index(fields=("authority", "word", "family"), name="search_entry_by_word"),
            models.Index(fields=("authority", "family", "word"), name="search_entry_by_family"),
        )


class SearchVariant(OfAuthority):
    """A word of a name, and what is left of it without one of its letters: two words that share one are a slip apart.

    Written by the same triggers, for a word that is new to the authority; a word that nobody bears any more is
    forgotten each night.
    """

    variant = models.CharField("variante", max_length=30, db_collation="C")
    word = models.CharField("mot", max_length=30, db_collation="C")

    class Meta:
        verbose_name = "variante d’un mot"
        indexes = (models.Index(fields=("authority", "variant", "word"), name="search_variant"),)
