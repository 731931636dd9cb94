from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="letter",
            name="kind",
            field=models.CharField(
                choices=[
                    ("basket_confirmed", "Réservations enregistrées"),
                    ("cancellation_decided", "Réponse à une demande d’annulation"),
                    ("held_place_confirmed", "Place gardée confirmée"),
                    ("held_place_released", "Place gardée rendue"),
                    ("place_freed", "Place libérée"),
                    ("reserved_for_family", "Réservation par la mairie"),
                    ("cancelled_for_family", "Annulation par la mairie"),
                    ("absence_told", "Absence signalée"),
                ],
                max_length=30,
            ),
        ),
    ]
