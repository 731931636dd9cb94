import django.db.models.deletion
import marelle.foundation.encryption
import marelle.foundation.public_ids
import marelle.foundation.tenancy
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0002_reglement"),
        ("reservations", "0002_reglement"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                (
                    "cause",
                    marelle.foundation.encryption.EncryptedTextField(
                        choices=[
                            ("illness", "Maladie"),
                            ("exceptional_event", "Événement exceptionnel"),
                            ("strike", "Grève"),
                            ("absent_teacher", "Enseignant absent"),
                            ("school_outing", "Sortie de l’école"),
                            ("closure", "Fermeture du service"),
                            ("other", "Autre"),
                        ],
                        verbose_name="cause",
                    ),
                ),
                ("told_at", models.DateTimeField(verbose_name="prévenue le")),
                (
                    "words",
                    marelle.foundation.encryption.EncryptedTextField(blank=True, verbose_name="mot de la famille"),
                ),
                ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="demande reçue le")),
                ("certificate_at", models.DateTimeField(blank=True, null=True, verbose_name="certificat reçu le")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="retirée le")),
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
                    "reservation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absences",
                        to="reservations.reservation",
                    ),
                ),
                (
                    "told_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "absence signalée",
                "indexes": [models.Index(fields=["authority", "told_at"], name="absence_by_moment")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("authority", "reservation"),
                        name="one_active_absence",
                    ),
                    marelle.foundation.tenancy.SameAuthority(
                        field="reservation", name="reservations_absence_reservation_same"
                    ),
                ],
            },
        ),
    ]
