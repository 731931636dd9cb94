"""The address of the closing of a month."""

from django.urls import path

from marelle.web.office.month import views

urlpatterns = [
    path("", views.show, name="office_month"),
]
