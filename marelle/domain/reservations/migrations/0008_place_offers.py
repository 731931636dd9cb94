import django.db.models.deletion
import marelle.foundation.encryption
import marelle.foundation.public_ids
import marelle.foundation.tenancy
from django.conf import settings
from django.db import migrations, models

from marelle.foundation.constraints import AddConstraint, AddIndex


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0004_journal"),
        ("catalog", "0004_journal"),
        ("families", "0011_merged"),
        ("reservations", "0007_kitchen_orders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FreedPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "À prendre"), ("taken", "Prise"), ("withdrawn", "Reprise par la famille")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("freed_at", models.DateTimeField(verbose_name="libérée le")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="réglée le")),
            ],
            options={
                "verbose_name": "place libérée",
            },
        ),
        migrations.CreateModel(
            name="PlaceOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "Proposée"),
                            ("accepted", "Acceptée"),
                            ("declined", "Refusée"),
                            ("expired", "Sans réponse"),
                            ("withdrawn", "Retirée"),
                        ],
                        default="offered",
                        max_length=10,
                    ),
                ),
                ("offered_at", models.DateTimeField(verbose_name="proposée le")),
                ("expires_at", models.DateTimeField(verbose_name="jusqu’au")),
                ("reason", marelle.foundation.encryption.EncryptedTextField(blank=True, verbose_name="motif")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="répondue le")),
            ],
            options={
                "verbose_name": "place proposée",
            },
        ),
        AddConstraint(
            model_name="waitinglistentry",
            constraint=models.UniqueConstraint(fields=("authority", "id"), name="reservations_waitinglistentry_tenant"),
        ),
        migrations.AddField(
            model_name="freedplace",
            name="authority",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="authorities.authority",
                verbose_name="collectivité",
            ),
        ),
        migrations.AddField(
            model_name="freedplace",
            name="freed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="freedplace",
            name="reservation",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="freed_places",
                to="reservations.reservation",
            ),
        ),
        migrations.AddField(
            model_name="placeoffer",
            name="authority",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="authorities.authority",
                verbose_name="collectivité",
            ),
        ),
        migrations.AddField(
            model_name="placeoffer",
            name="entry",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="offers",
                to="reservations.waitinglistentry",
            ),
        ),
        migrations.AddField(
            model_name="placeoffer",
            name="freed",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="offers",
                to="reservations.freedplace",
            ),
        ),
        migrations.AddField(
            model_name="placeoffer",
            name="offered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="placeoffer",
            name="reservation",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="place_offers",
                to="reservations.reservation",
            ),
        ),
        AddConstraint(
            model_name="freedplace",
            constraint=models.UniqueConstraint(fields=("authority", "id"), name="reservations_freedplace_tenant"),
        ),
        AddConstraint(
            model_name="freedplace",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("authority", "reservation"), name="one_open_freed_place"
            ),
        ),
        AddConstraint(
            model_name="freedplace",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "open"), ("settled_at__isnull", False), _connector="OR"),
                name="a_settled_freed_place_has_a_moment",
            ),
        ),
        AddConstraint(
            model_name="freedplace",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="reservation", name="reservations_freedplace_reservation_same"
            ),
        ),
        AddIndex(
            model_name="placeoffer",
            index=models.Index(condition=models.Q(("state", "offered")), fields=["expires_at"], name="offer_running"),
        ),
        AddIndex(
            model_name="placeoffer",
            index=models.Index(fields=["authority", "entry"], name="offer_by_entry"),
        ),
        AddConstraint(
            model_name="placeoffer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "offered")), fields=("authority", "entry"), name="one_offer"
            ),
        ),
        AddConstraint(
            model_name="placeoffer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "offered")),
                fields=("authority", "freed"),
                name="one_offer_of_a_freed_place",
            ),
        ),
        AddConstraint(
            model_name="placeoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("offered_at"))), name="an_offer_lasts"
            ),
        ),
        AddConstraint(
            model_name="placeoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "offered"), _negated=True),
                    ("reservation__isnull", False),
                    ("freed__isnull", False),
                    _connector="OR",
                ),
                name="an_offer_has_a_place",
            ),
        ),
        AddConstraint(
            model_name="placeoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "offered"), ("answered_at__isnull", False), _connector="OR"),
                name="an_offer_over_has_a_moment",
            ),
        ),
        AddConstraint(
            model_name="placeoffer",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="entry", name="reservations_placeoffer_entry_same"
            ),
        ),
        AddConstraint(
            model_name="placeoffer",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="reservation", name="reservations_placeoffer_reservation_same"
            ),
        ),
        AddConstraint(
            model_name="placeoffer",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="freed", name="reservations_placeoffer_freed_same"
            ),
        ),
    ]
