import marelle.domain.authorities.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="authority",
            name="town_hall_weekdays",
            field=models.JSONField(
                default=marelle.domain.authorities.models.weekdays, verbose_name="jours d’ouverture de la mairie"
            ),
        ),
    ]
