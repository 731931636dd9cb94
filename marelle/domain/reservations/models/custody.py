"""Whose day it is of a child who lives in two homes: what was settled, agreed, asked for, and what comes of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Service
from marelle.domain.families.models import Child, Family
from marelle.domain.reservations.rules.custody import CustodyTerms, terms_from
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class SharedCustody(OfAuthority):
    """The terms of a shared custody from a day on, until those of a later day, or until the child has one home.

    One that another of the same day replaced is withdrawn and kept.
    """

    class Origin(models.TextChoices):
        """Who settled it."""

        AGREED = "agreed", "Par accord des deux foyers"
        DECIDED = "decided", "Par la mairie"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="shared_custodies", db_constraint=False)
    first_home = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    second_home = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    starts_on = models.DateField("à partir du")
    # `rules.custody.as_json`; None: from that day on there are no terms any more, either home reserves.
    terms = models.JSONField("modalités", null=True, blank=True)
    origin = models.CharField("origine", max_length=8, choices=Origin)
    settled_at = models.DateTimeField("réglée le")
    settled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField("remplacée le", null=True, blank=True)
    # With which holidays its turns were written, and until when: they are written again when either moves.
    written_with = models.CharField(max_length=16, blank=True, default="")
    written_until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "garde alternée"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "child", "starts_on"),
                condition=Q(withdrawn_at__isnull=True),
                name="one_shared_custody_a_day",
            ),
            models.CheckConstraint(condition=~Q(first_home=F("second_home")), name="a_custody_is_shared_by_two"),
            *same_authority("child", "first_home", "second_home"),
        )

    @property
    def settled(self) -> CustodyTerms | None:
        """Will return the terms as a value; None where there are none any more."""
        return None if self.terms is None else terms_from(self.terms)


class CustodyProposal(OfAuthority):
    """What a home asks of the other: other terms from a day on, or days to exchange. An agent decides a dispute."""

    class Kind(models.TextChoices):
        """What it is about."""

        CALENDAR = "calendar", "Calendrier de garde"
        DAYS = "days", "Échange de jours"

    class State(models.TextChoices):
        """Where it stands."""

        PENDING = "pending", "Attend l’autre foyer"
        AGREED = "agreed", "Acceptée"
        REFUSED = "refused", "Refusée"
        DISPUTED = "disputed", "Attend la mairie"
        DECIDED = "decided", "Décidée par la mairie"
        DISMISSED = "dismissed", "Écartée par la mairie"
        WITHDRAWN = "withdrawn", "Retirée"
        EXPIRED = "expired", "Sans réponse à temps"

    OPEN = (State.PENDING, State.DISPUTED)

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="custody_proposals", db_constraint=False)
    from_home = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    to_home = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=8, choices=Kind)
    # Of a calendar: the terms, where the home that asks is the first one.
    terms = models.JSONField("modalités", null=True, blank=True)
    starts_on = models.DateField("à partir du", null=True, blank=True)
    # Of days: those that the home gives to the other, and those that it takes.
    gives = ArrayField(models.DateField(), verbose_name="jours donnés", default=list, blank=True)
    takes = ArrayField(models.DateField(), verbose_name="jours pris", default=list, blank=True)
    words = EncryptedTextField("message", blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    asked_at = models.DateTimeField("demandée le")
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # What the other home says, then what the town hall says of a dispute: read by both.
    answer = EncryptedTextField("réponse", blank=True)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decision = EncryptedTextField("décision", blank=True)

    class Meta:
        verbose_name = "proposition de garde"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "child"),
                condition=Q(kind="calendar", state__in=("pending", "disputed")),
                name="one_open_calendar_proposal",
            ),
            models.CheckConstraint(
                condition=Q(kind="calendar", terms__isnull=False, starts_on__isnull=False)
                | Q(kind="days", terms__isnull=True),
                name="a_calendar_proposal_has_terms",
            ),
            models.CheckConstraint(condition=~Q(from_home=F("to_home")), name="a_proposal_is_to_another_home"),
            *same_authority("child", "from_home", "to_home"),
        )
        indexes = (
            models.Index(
                fields=("authority", "asked_at"),
                condition=Q(state__in=("pending", "disputed")),
                name="custody_proposal_open",
            ),
        )


class CustodyDay(OfAuthority):
    """A day is of a home by agreement, or by a decision, whatever the terms say. A later word withdraws it."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="custody_days", db_constraint=False)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="custody_days", db_constraint=False)
    date = models.DateField("jour")
    proposal = models.ForeignKey(
        CustodyProposal, on_delete=models.CASCADE, null=True, blank=True, related_name="days", db_constraint=False
    )
    set_at = models.DateTimeField("convenu le")
    set_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField("remplacé le", null=True, blank=True)

    class Meta:
        verbose_name = "jour de garde convenu"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "child", "date"),
                condition=Q(withdrawn_at__isnull=True),
                name="one_custody_day",
            ),
            *same_authority("child", "family", "proposal"),
        )


class CustodyTurn(OfAuthority):
    """From a day on, until the next turn of the same child and service, days are of a home: of exactly one, so.

    Written from what is settled, agreed and decided; read by everybody. Without a service: of all those that have no
    turns of their own, or that follow the days again (`family` None). Without either: whoever reserves answers for it.
    `is_open`: the other home may reserve too, and answers for what it reserves. A turn counts while the child lives
    with both homes (`families.Custody`).
    """

    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, related_name="custody_turns", db_constraint=False, db_index=False
    )
    service = models.ForeignKey(
        Service,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    starts_on = models.DateField("à partir du")
    family = models.ForeignKey(
        Family, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    # The other home at that time: a turn says nothing once the child no longer lives with both.
    beside = models.ForeignKey(
        Family, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    is_open = models.BooleanField("l’autre foyer peut réserver", default=False)

    class Meta:
        verbose_name = "tour de garde"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "child", "service", "starts_on"),
                nulls_distinct=False,
                name="one_custody_turn",
            ),
            models.CheckConstraint(
                condition=Q(family__isnull=True, beside__isnull=True)
                | (Q(family__isnull=False, beside__isnull=False) & ~Q(family=F("beside"))),
                name="a_turn_is_between_two_homes",
            ),
            *same_authority("child", "service", "family", "beside"),
        )
