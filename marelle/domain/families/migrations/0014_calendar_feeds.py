import django.db.models.deletion
import marelle.foundation.public_ids
import marelle.foundation.tenancy
from django.db import migrations, models

from marelle.foundation.constraints import AddConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0004_journal"),
        ("families", "0013_access_removed"),
    ]

    operations = [
        AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("authority", "id"), name="families_membership_tenant"),
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(verbose_name="créé le")),
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
                    "membership",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feed",
                        to="families.membership",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendrier à suivre",
            },
        ),
        AddConstraint(
            model_name="calendarfeed",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="membership", name="families_calendarfeed_membership_same"
            ),
        ),
    ]
