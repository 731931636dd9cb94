"""Addresses of the page of security."""

from django.urls import path

from marelle.web.account.security import views

urlpatterns = [
    path("securite/", views.security, name="security"),
    path("securite/sessions/fermer/", views.sign_out_everywhere_page, name="security_sign_out_everywhere"),
    path("securite/sites/<slug:client>/retirer/", views.withdraw_access, name="security_withdraw_access"),
    path("securite/sessions/<slug:session>/fermer/", views.end_session, name="security_end_session"),
]
