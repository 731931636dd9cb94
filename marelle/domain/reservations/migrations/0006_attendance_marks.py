import django.contrib.postgres.fields
import django.db.models.deletion
import marelle.foundation.tenancy
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0004_journal"),
        ("catalog", "0004_journal"),
        ("families", "0011_merged"),
        ("reservations", "0005_journal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="attendance",
            name="fetched_at",
            field=models.TimeField(blank=True, null=True, verbose_name="heure de départ"),
        ),
        migrations.CreateModel(
            name="AttendanceMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(verbose_name="tiré par l’appareil")),
                ("device", models.CharField(max_length=36, verbose_name="appareil")),
                ("seq", models.PositiveBigIntegerField(verbose_name="rang sur l’appareil")),
                ("date", models.DateField(verbose_name="jour")),
                (
                    "state",
                    models.CharField(
                        blank=True, choices=[("present", "Présence"), ("absent", "Absence")], max_length=10
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="durée de présence, en minutes"
                    ),
                ),
                (
                    "late_minutes",
                    models.PositiveSmallIntegerField(default=0, verbose_name="retard au départ, en minutes"),
                ),
                ("fetched_at", models.TimeField(blank=True, null=True, verbose_name="heure de départ")),
                (
                    "knew",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), blank=True, default=list, size=None, verbose_name="en vue de"
                    ),
                ),
                ("seen_at", models.DateTimeField(verbose_name="vu le")),
                ("received_at", models.DateTimeField(verbose_name="reçu le")),
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
                    "child",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendance_marks",
                        to="families.child",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendance_marks",
                        to="catalog.product",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "pointage reçu",
                "indexes": [
                    models.Index(fields=["authority", "date", "product", "child"], name="attendance_mark_by_day"),
                    models.Index(fields=["authority", "received_at"], name="attendance_mark_received"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("authority", "uid"), name="one_attendance_mark"),
                    marelle.foundation.tenancy.SameAuthority(
                        field="child", name="reservations_attendancemark_child_same"
                    ),
                    marelle.foundation.tenancy.SameAuthority(
                        field="product", name="reservations_attendancemark_product_same"
                    ),
                ],
            },
        ),
    ]
