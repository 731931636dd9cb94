from marelle.foundation.constraints import AddConstraint, AddIndex
import django.db.models.deletion
import marelle.foundation.encryption
import marelle.foundation.public_ids
import marelle.foundation.tenancy
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0002_reglement"),
        ("families", "0002_reglement"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SupportingDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                ("kind", models.SlugField(max_length=40, verbose_name="nature")),
                ("name", marelle.foundation.encryption.EncryptedTextField(verbose_name="nom du fichier")),
                ("content_type", models.CharField(max_length=40, verbose_name="type du fichier")),
                ("content", marelle.foundation.encryption.EncryptedBinaryField(verbose_name="contenu")),
                ("size", models.PositiveIntegerField(verbose_name="taille, en octets")),
                ("uploaded_at", models.DateTimeField(verbose_name="reçu le")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="valable jusqu’au")),
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
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="families.child",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="families.family",
                    ),
                ),
                (
                    "uploaded_by",
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
                "verbose_name": "justificatif",
            },
        ),
        migrations.CreateModel(
            name="FamilyQuotient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                ("value_cents", models.PositiveIntegerField(verbose_name="quotient, en centimes")),
                ("valid_from", models.DateField(verbose_name="à partir du")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("api", "API Particulier (CAF ou MSA)"),
                            ("document", "Justificatif"),
                            ("declared", "Déclaré au guichet"),
                            ("file", "Reprise d’un fichier"),
                        ],
                        max_length=10,
                        verbose_name="source",
                    ),
                ),
                ("provider", models.CharField(blank=True, max_length=10, verbose_name="organisme")),
                ("period", models.CharField(blank=True, max_length=10, verbose_name="mois du quotient")),
                ("recorded_at", models.DateTimeField(verbose_name="noté le")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="retiré le")),
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
                        related_name="quotients",
                        to="families.family",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="quotients",
                        to="families.supportingdocument",
                    ),
                ),
            ],
            options={
                "verbose_name": "quotient familial",
            },
        ),
        AddIndex(
            model_name="supportingdocument",
            index=models.Index(fields=["authority", "family", "kind"], name="document_by_family"),
        ),
        AddConstraint(
            model_name="supportingdocument",
            constraint=models.UniqueConstraint(fields=("authority", "id"), name="families_supportingdocument_tenant"),
        ),
        AddConstraint(
            model_name="supportingdocument",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="family", name="families_supportingdocument_family_same"
            ),
        ),
        AddConstraint(
            model_name="supportingdocument",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="child", name="families_supportingdocument_child_same"
            ),
        ),
        AddConstraint(
            model_name="familyquotient",
            constraint=models.UniqueConstraint(fields=("authority", "id"), name="families_familyquotient_tenant"),
        ),
        AddConstraint(
            model_name="familyquotient",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("authority", "family", "valid_from"),
                name="one_quotient_a_day",
            ),
        ),
        AddConstraint(
            model_name="familyquotient",
            constraint=models.CheckConstraint(
                condition=models.Q(("value_cents__lte", 2000000)), name="quotient_is_believable"
            ),
        ),
        AddConstraint(
            model_name="familyquotient",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="family", name="families_familyquotient_family_same"
            ),
        ),
        AddConstraint(
            model_name="familyquotient",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="document", name="families_familyquotient_document_same"
            ),
        ),
    ]
