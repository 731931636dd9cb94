"""Addresses of the account, on its own site alone; the names are those that the sign-in library reverses."""

from allauth.account import views as library
from django.urls import include, path, re_path

from marelle.web.account import views

urlpatterns = [
    path("compte/mes-donnees/", include("marelle.web.account.own_data.urls")),
    path("", include("marelle.web.account.joining.urls")),
    path("compte/", include("marelle.web.account.security.urls")),
    path("compte/", include("marelle.web.account.second_factor.urls")),
    path("compte/", include("marelle.web.account.email_change.urls")),
    path("compte/connexion/", library.login, name="account_login"),
    path("compte/deconnexion/", library.logout, name="account_logout"),
    path("compte/creer/", views.create, name="account_signup"),
    path("compte/inactif/", library.account_inactive, name="account_inactive"),
    path("compte/mot-de-passe/", library.password_change, name="account_change_password"),
    path("compte/mot-de-passe/change/", views.password_changed, name="account_password_changed"),
    path("compte/mot-de-passe/oublie/", library.password_reset, name="account_reset_password"),
    path("compte/mot-de-passe/oublie/envoye/", library.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^compte/mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        library.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "compte/mot-de-passe/nouveau/",
        library.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
