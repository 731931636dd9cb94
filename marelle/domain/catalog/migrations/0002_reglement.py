from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="holiday",
            name="kind",
            field=models.CharField(
                choices=[("school", "Vacances scolaires"), ("public", "Jour férié"), ("town_hall", "Mairie fermée")],
                max_length=10,
            ),
        ),
    ]
