"""Addresses of refunds at the office."""

from django.urls import path

from marelle.web.office.refunds import views

urlpatterns = [
    path("", views.refunds, name="office_refunds"),
    path("virements/", views.make, name="office_transfers_make"),
    path("virements/<slug:transfers>/", views.transfers, name="office_transfers"),
    path("virements/<slug:transfers>/fichier/", views.file, name="office_transfers_file"),
    path("virements/<slug:transfers>/envoyer/", views.send, name="office_transfers_send"),
    path("virements/<slug:transfers>/abandonner/", views.abandon, name="office_transfers_abandon"),
    path("demandes/<slug:refund>/", views.refund, name="office_refund"),
]
