from django.db import migrations

from marelle.foundation.row_changes import KeepChanges


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0003_row_changes"),
        ("catalog", "0003_tarifs"),
    ]

    operations = [
        KeepChanges("catalog_holiday", remembers=True),
        KeepChanges("catalog_service", remembers=True),
        KeepChanges("catalog_closureday", remembers=True),
        KeepChanges("catalog_activity", remembers=True),
        KeepChanges("catalog_slottemplate", remembers=True),
        KeepChanges("catalog_product", remembers=True),
        KeepChanges("catalog_productslot", remembers=True),
        KeepChanges("catalog_reglement", remembers=True),
        KeepChanges("catalog_tariff", remembers=True),
    ]
