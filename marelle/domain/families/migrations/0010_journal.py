from django.db import migrations

from marelle.foundation.row_changes import KeepChanges


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0003_row_changes"),
        ("families", "0009_search"),
    ]

    operations = [
        KeepChanges("families_family"),
        KeepChanges("families_guardian"),
        KeepChanges("families_child"),
        KeepChanges("families_custody"),
        KeepChanges("families_membership"),
        KeepChanges("families_block"),
        KeepChanges("families_familyquotient", but=("value_cents",)),
        KeepChanges("families_pickupperson"),
        KeepChanges("families_profilepolicy", remembers=True),
        KeepChanges("families_profilesettings", remembers=True),
        KeepChanges("families_consenttext", remembers=True),
    ]
