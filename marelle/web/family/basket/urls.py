"""Addresses of the basket."""

from django.urls import path

from marelle.web.family.basket import views

urlpatterns = [
    path("", views.basket, name="basket"),
    path("retirer/", views.remove, name="basket_remove"),
    path("vider/", views.empty, name="basket_empty"),
    path("valider/", views.confirm, name="basket_confirm"),
    path("confirmations/<str:number>/", views.confirmation, name="confirmation"),
]
