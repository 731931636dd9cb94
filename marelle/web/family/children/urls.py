"""Addresses about all the families of an account at once: none of them names an authority."""

from django.urls import path

from marelle.web.family.children import views

urlpatterns = [
    path("mes-enfants/", views.my_children, name="my_children"),
    path("mes-enfants/ajouter-une-commune/", views.add_authority, name="add_authority"),
]
