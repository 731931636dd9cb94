"""Addresses of the journal."""

from django.urls import path

from marelle.web.office.journal import views

urlpatterns = [
    path("", views.show, name="office_journal"),
    path("familles/<slug:family>/", views.of_family, name="office_family_journal"),
    path("agents/<slug:colleague>/", views.of_agent, name="office_journal_by"),
    path("<slug:thing>/<slug:named>/", views.of_thing, name="office_journal_of"),
]
