"""Health and the quotient become rights of their own: whoever saw them with another right keeps seeing them."""

from typing import Any

from django.db import migrations
from django.db.models import Q

from marelle.foundation.writes import permitted

SHOWED_HEALTH = ("view_day", "record_attendance", "manage_reservations", "administer")
SHOWED_QUOTIENT = ("manage_reservations", "manage_billing", "administer")


def keep_knowing(apps: Any, _schema: Any) -> None:
    """Give each agent by name what her rights showed her until now, as far as they reached."""
    grants = apps.get_model("accounts", "Grant")
    with permitted("migrate"):
        for right, shown_by in (("see_health", SHOWED_HEALTH), ("see_quotient", SHOWED_QUOTIENT)):
            reached = (
                grants.objects.filter(role__in=shown_by)
                .order_by("agent_id", "facility_id", "service_code")
                .distinct("agent_id", "facility_id", "service_code")
                .values_list("authority_id", "agent_id", "facility_id", "service_code")
            )
            grants.objects.bulk_create(
                [
                    grants(
                        authority_id=authority, agent_id=agent, role=right, facility_id=facility, service_code=service
                    )
                    for authority, agent, facility, service in reached
                ],
                batch_size=1000,
                ignore_conflicts=True,
            )


def forget(apps: Any, _schema: Any) -> None:
    """Take them back: before, nobody held them."""
    with permitted("migrate"):
        apps.get_model("accounts", "Grant").objects.filter(Q(role="see_health") | Q(role="see_quotient")).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_finer_roles"),
    ]

    operations = [
        migrations.RunPython(keep_knowing, forget),
    ]
