"""Addresses of merging two accounts, on the account site."""

from django.urls import path

from marelle.web.account.merging import views

urlpatterns = [
    path("compte/securite/reunir/", views.prove, name="merge_accounts"),
    path("compte/securite/reunir/preuve/", views.prove_more, name="merge_second_proof"),
    path("compte/securite/reunir/choisir/", views.choose, name="merge_choose"),
]
