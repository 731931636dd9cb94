"""The library's forms, with our labels and without placeholders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account import forms as library

if TYPE_CHECKING:
    from django.forms import BaseForm

LONG_ENOUGH = "12 caractères au moins. Quelques mots sans rapport entre eux se retiennent bien."


def say(form: BaseForm, name: str, *, label: str, hint: str = "") -> None:
    """Will give a field of the library our label and hint."""
    field = form.fields[name]
    field.label = label
    field.help_text = hint
    field.widget.attrs.pop("placeholder", None)
    # The browser's own bubbles are not in our words: the server says what is missing.
    form.use_required_attribute = False


class SignInForm(library.LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "login", label="Adresse e-mail", hint="Celle que vous avez donnée à la mairie.")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        say(self, "password", label="Mot de passe")


class ForgottenPasswordForm(library.ResetPasswordForm):
    """The address to which the link goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "email", label="Adresse e-mail", hint="Celle de votre compte.")


class ChooseFromLinkForm(library.ResetPasswordKeyForm):
    """A new password, after the link. Typed once: a button shows it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "password1", label="Nouveau mot de passe", hint=LONG_ENOUGH)
        del self.fields["password2"]


class ChangePasswordForm(library.ChangePasswordForm):
    """The present password and the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "oldpassword", label="Mot de passe actuel")
        say(self, "password1", label="Nouveau mot de passe", hint=LONG_ENOUGH)
        del self.fields["password2"]


class ConfirmPasswordForm(library.ReauthenticateForm):
    """The password again, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "password", label="Mot de passe")
