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

    class Meta:
        indexes = (
            models.Index(fields=("authority_key", "object_type", "object_key"), name="audit_by_object"),
            models.Index(fields=("authority_key", "recorded_at"), name="audit_by_moment"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_key}"
