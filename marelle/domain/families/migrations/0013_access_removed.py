import django.contrib.postgres.fields
import django.db.models.deletion
import marelle.foundation.encryption
import marelle.foundation.public_ids
import marelle.foundation.tenancy
from django.conf import settings
from django.db import migrations, models

from marelle.foundation.constraints import AddConstraint, AddIndex


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0004_journal"),
        ("families", "0012_photo"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRemoval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("court_order", "Décision de justice"), ("other", "Autre motif")],
                        max_length=20,
                        verbose_name="motif",
                    ),
                ),
                ("words", marelle.foundation.encryption.EncryptedTextField(blank=True, verbose_name="précisions")),
                (
                    "addresses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64),
                        default=list,
                        size=None,
                        verbose_name="adresses connues alors",
                    ),
                ),
                ("removed_at", models.DateTimeField(verbose_name="retiré le")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="rendu le")),
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
                    "family",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_removals",
                        to="families.family",
                    ),
                ),
                (
                    "guardian",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_removals",
                        to="families.guardian",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="rendu par",
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="retiré par",
                    ),
                ),
            ],
            options={
                "verbose_name": "accès retiré",
            },
        ),
        migrations.CreateModel(
            name="RemovedMembership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("joined_at", models.DateTimeField(verbose_name="rattaché le")),
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
                    "removal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="families.accessremoval",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="removed_memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "compte dont l’accès est retiré",
            },
        ),
        AddIndex(
            model_name="accessremoval",
            index=models.Index(fields=["authority", "family"], name="removal_by_family"),
        ),
        AddConstraint(
            model_name="accessremoval",
            constraint=models.UniqueConstraint(fields=("authority", "id"), name="families_accessremoval_tenant"),
        ),
        AddConstraint(
            model_name="accessremoval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("authority", "guardian"),
                name="one_standing_removal",
            ),
        ),
        AddConstraint(
            model_name="accessremoval",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="family", name="families_accessremoval_family_same"
            ),
        ),
        AddConstraint(
            model_name="accessremoval",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="guardian", name="families_accessremoval_guardian_same"
            ),
        ),
        AddConstraint(
            model_name="removedmembership",
            constraint=models.UniqueConstraint(fields=("authority", "removal", "user"), name="one_removed_membership"),
        ),
        AddConstraint(
            model_name="removedmembership",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="removal", name="families_removedmembership_removal_same"
            ),
        ),
    ]
