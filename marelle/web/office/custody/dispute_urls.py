"""Addresses of what two homes ask of each other, and of what the town hall decides."""

from django.urls import path

from marelle.web.office.custody import disputes

urlpatterns = [
    path("", disputes.listing, name="office_custody_disputes"),
    path("<slug:proposal>/", disputes.dispute, name="office_custody_dispute"),
]
