"""Addresses of shared custody."""

from django.urls import path

from marelle.web.family.custody import answering, asking, views

urlpatterns = [
    path("propositions/<slug:proposal>/", answering.proposal, name="custody_proposal"),
    path("propositions/<slug:proposal>/retirer/", answering.withdraw, name="custody_withdraw"),
    path("propositions/<slug:proposal>/rendre/", answering.give_back, name="custody_give_back"),
    path("<slug:child>/", views.custody, name="custody"),
    path("<slug:child>/echanger/", asking.days, name="custody_days"),
    path("<slug:child>/calendrier/", asking.calendar, name="custody_calendar"),
]
