from django.db import migrations

from marelle.foundation.row_changes import KeepChanges


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0003_row_changes"),
        ("reservations", "0004_tarifs"),
    ]

    operations = [
        KeepChanges("reservations_enrollment"),
    ]
