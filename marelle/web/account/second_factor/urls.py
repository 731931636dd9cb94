"""Addresses of codes and passkeys; the names are the library's own, which it reverses."""

from django.urls import path

from marelle.web.account.second_factor import views

urlpatterns = [
    path("connexion/code/", views.sign_in_step, name="mfa_authenticate"),
    path("connexion/cle/", views.passkey_alone, name="mfa_login_webauthn"),
    path("securite/confirmer/", views.confirm_by_password, name="account_reauthenticate"),
    path("securite/confirmer/code/", views.confirm_by_code, name="mfa_reauthenticate"),
    path("securite/confirmer/cle/", views.confirm_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("securite/cles/ajouter/", views.add_passkey, name="mfa_add_webauthn"),
    path("securite/cles/<slug:passkey>/nom/", views.rename_passkey, name="mfa_edit_webauthn"),
    path("securite/cles/<slug:passkey>/retirer/", views.remove_passkey, name="mfa_remove_webauthn"),
    path("securite/application/", views.activate_app, name="mfa_activate_totp"),
    path("securite/application/retirer/", views.remove_app, name="mfa_deactivate_totp"),
    path("securite/codes/", views.view_codes, name="mfa_view_recovery_codes"),
    path("securite/codes/nouveaux/", views.make_codes, name="mfa_generate_recovery_codes"),
    path("securite/codes/telecharger/", views.download_codes, name="mfa_download_recovery_codes"),
]
