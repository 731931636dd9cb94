"""Addresses of refunds."""

from django.urls import path

from marelle.web.family.refunds import views

urlpatterns = [
    path("", views.refunds, name="refunds"),
    path("<slug:refund>/retirer/", views.withdraw, name="refund_withdraw"),
]
