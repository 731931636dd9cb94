from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="basketline",
            name="is_late",
            field=models.BooleanField(db_default=False, default=False, verbose_name="hors délai"),
        ),
        migrations.AddField(
            model_name="basketline",
            name="price_cents",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="cancellationrequest",
            name="due_cents",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="reste dû"),
        ),
        migrations.AddField(
            model_name="reservation",
            name="surcharge_cents",
            field=models.IntegerField(db_default=0, default=0, verbose_name="dont majoration"),
        ),
    ]
