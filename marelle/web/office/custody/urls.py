"""Addresses of the homes of a child, under its family's page."""

from django.urls import path

from marelle.web.office.custody import days, homes, settling, views

urlpatterns = [
    path("<slug:family>/enfants/<slug:child>/garde/", views.page, name="office_custody"),
    path("<slug:family>/enfants/<slug:child>/garde/foyers/", homes.change, name="office_custody_homes"),
    path("<slug:family>/enfants/<slug:child>/garde/regler/", settling.settle, name="office_custody_terms"),
    path("<slug:family>/enfants/<slug:child>/garde/jours/", days.decide, name="office_custody_days"),
]
