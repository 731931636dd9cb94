"""Addresses of the agents' first page."""

from django.urls import path

from marelle.web.office.home import views

urlpatterns = [
    path("", views.home, name="office_home"),
    path("mon-poste/", views.account, name="office_account"),
]
