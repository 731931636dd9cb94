"""Addresses of the page of security."""

from django.urls import path

from marelle.web.account.security import views

urlpatterns = [
    path("securite/", views.security, name="security"),
    path("securite/sessions/fermer/", views.sign_out_everywhere_page, name="security_sign_out_everywhere"),
    path("securite/sessions/<slug:session>/fermer/", views.end_session, name="security_end_session"),
]
