from marelle.foundation.constraints import AddConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_reglement")]

    operations = [
        migrations.AddField(
            model_name="tariff",
            name="rules",
            field=models.JSONField(default=dict, verbose_name="tarif"),
            preserve_default=False,
        ),
        # What was one price is a flat tariff.
        migrations.RunSQL(
            "UPDATE catalog_tariff SET rules = jsonb_build_object('price', "
            "(price_cents / 100)::text || ',' || lpad((price_cents % 100)::text, 2, '0'))",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField(model_name="tariff", name="price_cents"),
        AddConstraint(
            model_name="tariff",
            constraint=models.UniqueConstraint(fields=("authority", "id"), name="catalog_tariff_tenant"),
        ),
    ]
