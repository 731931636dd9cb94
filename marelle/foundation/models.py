"""The tables of the ground: plain keys, no foreign keys, no domain word."""

from __future__ import annotations

from django.db import models

from marelle.foundation.actors import ActorKind


class AuditEntry(models.Model):
    """One line of the journal: who did what to which row, when. Appended, never changed; no name of a person in it."""

    authority_key = models.BigIntegerField(null=True)
    actor_kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in ActorKind])
    actor_key = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_key = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)
    business_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    # The transaction that it belongs to, which what it changed carries too (`RowChange`); None before there were any.
    act = models.UUIDField(null=True, db_default=models.Func(function="foundation_act"))

    class Meta:
        indexes = (
            models.Index(fields=("authority_key", "object_type", "object_key"), name="audit_by_object"),
            models.Index(fields=("authority_key", "recorded_at"), name="audit_by_moment"),
            models.Index(
                fields=("authority_key", "actor_key", "recorded_at"),
                condition=models.Q(actor_kind=ActorKind.AGENT.value),
                name="audit_by_agent",
            ),
            models.Index(fields=("act",), name="audit_by_act"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_key}"


class RowChange(models.Model):
    """What a row said that it says no more, written by the triggers of its table (`foundation.row_changes`).

    `before` and `after` hold the columns that differ; of a row that went, `after` is None. `object_type` is the name of
    its model in lower case. Who did it is said by the lines of the journal of the same `act`.
    """

    authority_key = models.BigIntegerField()
    act = models.UUIDField()
    object_type = models.CharField(max_length=40)
    object_key = models.BigIntegerField()
    before = models.JSONField("disait")
    after = models.JSONField("dit", null=True)
    recorded_at = models.DateTimeField("le")

    class Meta:
        verbose_name = "ancienne valeur"
        indexes = (
            models.Index(fields=("authority_key", "object_type", "object_key"), name="change_by_object"),
            models.Index(fields=("act",), name="change_by_act"),
            models.Index(fields=("recorded_at",), name="change_by_moment"),
        )

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_key}"
