from django.db import migrations

from marelle.foundation.row_changes import KeepChanges


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0003_row_changes"),
        ("authorities", "0003_facturation"),
    ]

    operations = [
        KeepChanges("authorities_authority", but=("logo", "palette_css", "catalog_version"), remembers=True),
        KeepChanges("authorities_regie", remembers=True),
        KeepChanges("authorities_facility", remembers=True),
        KeepChanges("authorities_schoolclass", remembers=True),
    ]
