"""Addresses of the tariffs."""

from django.urls import path

from marelle.web.office.tariffs import views

urlpatterns = [
    path("", views.every, name="office_tariffs"),
    path("<slug:product>/", views.one, name="office_tariff"),
    path("<slug:product>/modifier/", views.edit, name="office_tariff_edit"),
    path("<slug:product>/essayer/", views.try_out, name="office_tariff_try"),
    path("<slug:product>/enregistrer/", views.save, name="office_tariff_save"),
    path("<slug:product>/retirer/", views.withdraw, name="office_tariff_withdraw"),
]
