"""Addresses of the kitchen: its week, a day, its settings."""

from django.urls import path

from marelle.web.office.kitchen import settings, views

urlpatterns = [
    path("", views.week, name="office_kitchen"),
    path("reglages/", settings.every, name="office_kitchen_settings"),
    path("reglages/<slug:kitchen>/", settings.one, name="office_kitchen_setting"),
    path("<slug:day>/", views.any_day, name="office_kitchen_day"),
    path("<slug:day>/rectificatif/", views.correct, name="office_kitchen_correct"),
    path("<slug:day>/renvoyer/", views.again, name="office_kitchen_again"),
    path("<slug:day>/fichier/<slug:kind>/", views.file, name="office_kitchen_file"),
]
