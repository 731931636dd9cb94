"""Addresses of the profile: one for each tab."""

from django.urls import path

from marelle.web.family.profile import views

urlpatterns = [
    path("", views.family, name="profile"),
    path("factures/", views.delivery, name="profile_delivery"),
    path("responsables/", views.guardians, name="profile_guardians"),
    path("enfants/", views.children, name="profile_children"),
]
