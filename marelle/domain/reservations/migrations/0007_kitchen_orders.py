from datetime import time

import django.contrib.postgres.fields
import django.db.models.deletion
import marelle.foundation.encryption
import marelle.foundation.public_ids
import marelle.foundation.tenancy
from django.db import migrations, models

from marelle.foundation.row_changes import KeepChanges

# What was ordered stays as it was ordered; what happens to it afterwards is whether it was sent, and came back. The
# detail is not held here: its ciphertext changes when keys are rotated, and nothing but that writes it again.
FROZEN = """
CREATE FUNCTION reservations_order_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'order % is frozen: correct it by another revision', OLD.id USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER order_is_frozen BEFORE UPDATE OF date, revision, why, meals, frozen_at, service_id, facility_id
ON reservations_kitchenorder FOR EACH ROW EXECUTE FUNCTION reservations_order_is_frozen();
"""
MELTED = """
DROP TRIGGER order_is_frozen ON reservations_kitchenorder;
DROP FUNCTION reservations_order_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0004_journal"),
        ("catalog", "0004_journal"),
        ("foundation", "0003_row_changes"),
        ("reservations", "0006_attendance_marks"),
    ]

    operations = [
        migrations.CreateModel(
            name="KitchenOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                ("date", models.DateField(verbose_name="jour")),
                ("revision", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
                (
                    "why",
                    models.CharField(
                        choices=[("limit", "À la limite"), ("correction", "Rectificatif"), ("event", "Événement")],
                        default="limit",
                        max_length=10,
                        verbose_name="pourquoi",
                    ),
                ),
                ("content", marelle.foundation.encryption.EncryptedTextField(verbose_name="détail des repas")),
                ("meals", models.PositiveIntegerField(verbose_name="repas commandés")),
                ("frozen_at", models.DateTimeField(verbose_name="figée le")),
                (
                    "sent_to",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="destinataires",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("kept", "Sans destinataire"),
                            ("queued", "À envoyer"),
                            ("sent", "Envoyée"),
                            ("failed", "Pas encore partie"),
                        ],
                        max_length=10,
                        verbose_name="envoi",
                    ),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="envoyée le")),
                ("failures", models.PositiveSmallIntegerField(default=0, verbose_name="échecs")),
                ("returned_at", models.DateTimeField(blank=True, null=True, verbose_name="revenue le")),
                (
                    "authority",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="authorities.authority",
                        verbose_name="collectivité",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="authorities.facility",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "commande de repas",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("authority", "service", "date", "facility", "revision"), name="one_kitchen_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", False), _connector="OR"
                        ),
                        name="a_sent_order_has_a_moment",
                    ),
                    marelle.foundation.tenancy.SameAuthority(
                        field="service", name="reservations_kitchenorder_service_same"
                    ),
                    marelle.foundation.tenancy.SameAuthority(
                        field="facility", name="reservations_kitchenorder_facility_same"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KitchenSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                (
                    "emails",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="adresses e-mail de la cuisine",
                    ),
                ),
                (
                    "days_before",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="jours ouvrés avant"),
                ),
                ("at_time", models.TimeField(default=time(9, 0), verbose_name="heure")),
                ("attaches_csv", models.BooleanField(default=True, verbose_name="joindre un tableau (CSV)")),
                ("attaches_pdf", models.BooleanField(default=True, verbose_name="joindre un document (PDF)")),
                (
                    "authority",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="authorities.authority",
                        verbose_name="collectivité",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="authorities.facility",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "réglage de la cuisine",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("authority", "service", "facility"), name="one_kitchen_settings", nulls_distinct=False
                    ),
                    marelle.foundation.tenancy.SameAuthority(
                        field="service", name="reservations_kitchensettings_service_same"
                    ),
                    marelle.foundation.tenancy.SameAuthority(
                        field="facility", name="reservations_kitchensettings_facility_same"
                    ),
                ],
            },
        ),
        KeepChanges("reservations_kitchensettings", remembers=True),
        migrations.RunSQL(FROZEN, MELTED),
    ]
