import django.contrib.postgres.fields
import django.db.models.deletion
import marelle.foundation.public_ids
import marelle.foundation.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0002_reglement"),
        ("families", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="family",
            name="categories",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.SlugField(max_length=40),
                blank=True,
                default=list,
                size=None,
                verbose_name="catégories",
            ),
        ),
        migrations.AddField(
            model_name="family",
            name="is_resident",
            field=models.BooleanField(db_default=True, default=True, verbose_name="habite la commune"),
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("unpaid", "Factures impayées"),
                            ("incomplete_file", "Dossier incomplet"),
                            ("missing_document", "Document manquant"),
                        ],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                ("amount_cents", models.PositiveIntegerField(default=0, verbose_name="montant, en centimes")),
                ("document", models.CharField(blank=True, max_length=80, verbose_name="document")),
                ("put_at", models.DateTimeField(verbose_name="depuis le")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="levé le")),
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
                        related_name="blocks",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "blocage",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("authority", "family", "kind", "document"),
                        name="one_block",
                    ),
                    marelle.foundation.tenancy.SameAuthority(field="family", name="families_block_family_same"),
                ],
            },
        ),
    ]
