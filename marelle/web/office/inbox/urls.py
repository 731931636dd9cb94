"""Addresses of what there is to treat."""

from django.urls import path

from marelle.web.office.inbox import views

urlpatterns = [path("", views.inbox, name="office_inbox")]
