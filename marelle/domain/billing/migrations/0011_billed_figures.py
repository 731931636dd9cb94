import django.db.models.deletion
import marelle.foundation.tenancy
from django.db import migrations, models

from marelle.foundation.constraints import AddIndex


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0004_journal"),
        ("billing", "0010_merged"),
        ("catalog", "0004_journal"),
    ]

    operations = [
        AddIndex(
            model_name="invoice",
            index=models.Index(fields=["authority", "issued_at"], name="invoice_by_issue"),
        ),
        migrations.CreateModel(
            name="BilledFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(verbose_name="jour")),
                ("is_young", models.BooleanField(verbose_name="moins de six ans")),
                ("units", models.PositiveIntegerField(verbose_name="facturés")),
                ("minutes", models.PositiveIntegerField(verbose_name="minutes facturées")),
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
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "comptage de ce qui est facturé d’un jour",
                "indexes": [models.Index(fields=["authority", "date"], name="billed_figure_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("authority", "product", "date", "is_young"), name="one_billed_figure"
                    ),
                    marelle.foundation.tenancy.SameAuthority(field="product", name="billing_billedfigure_product_same"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BilledCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("counted_at", models.DateTimeField(verbose_name="compté le")),
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
            ],
            options={
                "verbose_name": "comptage de ce qui est facturé",
                "constraints": [models.UniqueConstraint(fields=("authority",), name="one_billed_count")],
            },
        ),
    ]
