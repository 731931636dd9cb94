"""Addresses of the pages that both sites have."""

from django.urls import path

from marelle.web.pages import views

urlpatterns = [
    path("aide/", views.help_page, name="help"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("donnees-personnelles/", views.privacy, name="privacy"),
    path("mentions-legales/", views.legal, name="legal"),
    path("contact/", views.contact, name="contact"),
]
