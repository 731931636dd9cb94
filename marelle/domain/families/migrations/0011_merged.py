import django.db.models.deletion
import marelle.foundation.tenancy
from django.db import migrations, models

from marelle.foundation.constraints import AddConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0004_journal"),
        ("families", "0010_journal"),
    ]

    operations = [
        migrations.CreateModel(
            name="DifferentFamilies",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("said_at", models.DateTimeField(verbose_name="dit le")),
            ],
            options={
                "verbose_name": "familles différentes",
            },
        ),
        migrations.AddField(
            model_name="child",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="families.child",
                verbose_name="réuni avec",
            ),
        ),
        migrations.AddField(
            model_name="family",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="families.family",
                verbose_name="réuni avec",
            ),
        ),
        migrations.AddField(
            model_name="guardian",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="families.guardian",
                verbose_name="réuni avec",
            ),
        ),
        AddConstraint(
            model_name="child",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="merged_into", name="families_child_merged_into_same"
            ),
        ),
        AddConstraint(
            model_name="family",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("merged_into", models.F("pk")), _negated=True),
                    _connector="OR",
                ),
                name="a_family_is_united_with_another",
            ),
        ),
        AddConstraint(
            model_name="family",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="merged_into", name="families_family_merged_into_same"
            ),
        ),
        AddConstraint(
            model_name="guardian",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="merged_into", name="families_guardian_merged_into_same"
            ),
        ),
        migrations.AddField(
            model_name="differentfamilies",
            name="authority",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="authorities.authority",
                verbose_name="collectivité",
            ),
        ),
        migrations.AddField(
            model_name="differentfamilies",
            name="first",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="families.family",
            ),
        ),
        migrations.AddField(
            model_name="differentfamilies",
            name="second",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="families.family",
            ),
        ),
        AddConstraint(
            model_name="differentfamilies",
            constraint=models.UniqueConstraint(fields=("authority", "first", "second"), name="different_once"),
        ),
        AddConstraint(
            model_name="differentfamilies",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lte", models.F("second"))), name="different_families_in_order"
            ),
        ),
        AddConstraint(
            model_name="differentfamilies",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="first", name="families_differentfamilies_first_same"
            ),
        ),
        AddConstraint(
            model_name="differentfamilies",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="second", name="families_differentfamilies_second_same"
            ),
        ),
    ]
