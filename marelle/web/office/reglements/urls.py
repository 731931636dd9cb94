"""Addresses of the règlements."""

from django.urls import path

from marelle.web.office.reglements import views

urlpatterns = [
    path("", views.every, name="office_reglements"),
    path("<slug:ruled>/", views.one, name="office_reglement"),
    path("<slug:ruled>/modifier/", views.edit, name="office_reglement_edit"),
    path("<slug:ruled>/essayer/", views.try_out, name="office_reglement_try"),
    path("<slug:ruled>/enregistrer/", views.save, name="office_reglement_save"),
    path("<slug:ruled>/retirer/", views.withdraw, name="office_reglement_withdraw"),
]
