"""The library's views of codes and passkeys, each behind a door of ours and with a page of ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.templatekit import get_entrance_context_data
from allauth.account.views import ReauthenticateView
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from allauth.mfa.webauthn.internal import auth
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.crypto import constant_time_compare

from marelle.web.account.confirming import confirmed_recently
from marelle.web.account.forms import SignInForm
from marelle.web.account.second_factor.adapter import has_passkey_here
from marelle.web.account.sessions import handle_of
from marelle.web.doors import public, signed_in

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator
    from django.http import HttpRequest, HttpResponse

SECURITY = reverse_lazy("security")
PAGES = "account/second_factor"
REFUSED = 422


class _SaysDone:
    """A form that was recorded is said so on the page of security."""

    done = ""

    def form_valid(self, form: Any) -> HttpResponse:
        """Will do what the library does, then say it."""
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        messages.success(self.request, self.done)  # type: ignore[attr-defined]
        return response


class _Asks:
    """A page that proves again who one is, then goes on; without any way to, it goes back."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Will ask, or go back to the page of security when the account has nothing to prove with."""
        if not get_adapter(request).get_reauthentication_methods(request.user):
            return HttpResponseRedirect(reverse("security"))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


class _SignInStep(base.AuthenticateView):
    template_name = f"{PAGES}/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["options"] = json.dumps(context["js_data"]["request_options"])
        context["has_passkey"] = has_passkey_here(self.request, self.stage.login.user)
        return context


class _PasskeyAlone(passkeys.LoginWebAuthnView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Will say what the browser must sign."""
        return JsonResponse(auth.begin_authentication(user=None))

    def form_invalid(self, form: Any) -> HttpResponse:
        """Will show the page of signing in again, with what was refused."""
        words = next(iter(form.errors.get("credential") or form.non_field_errors()), "")
        context = {"form": SignInForm(request=self.request), "passkey_error": words}
        context.update(get_entrance_context_data(self.request))
        return render(self.request, "account/login.html", context, status=REFUSED)


class _ConfirmByPassword(_Asks, ReauthenticateView):
    template_name = f"{PAGES}/confirm_password.html"


class _ConfirmByCode(_Asks, base.ReauthenticateView):
    template_name = f"{PAGES}/confirm_code.html"


class _ConfirmByPasskey(_Asks, passkeys.ReauthenticateWebAuthnView):
    template_name = f"{PAGES}/confirm_passkey.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        """Will show the page again, with what was refused."""
        return self.render_to_response({**self.get_context_data(), "form": form})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["options"] = json.dumps(context["js_data"]["request_options"])
        context["has_passkey"] = has_passkey_here(self.request, self.request.user)
        return context


class _AddPasskey(_SaysDone, passkeys.AddWebAuthnView):
    template_name = f"{PAGES}/passkey_add.html"
    done = "Votre clé d’accès est ajoutée."

    def get_success_url(self) -> str:
        """Will lead to the recovery codes if these are the first."""
        return reverse("mfa_view_recovery_codes") if self.did_generate_recovery_codes else reverse("security")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Not the library's own: it asks for a key that may not serve alone, and lets a script of its own correct that.
        context: dict[str, Any] = super(passkeys.AddWebAuthnView, self).get_context_data(**kwargs)
        context["options"] = json.dumps(auth.begin_registration(self.request.user, passwordless=True))
        return context


class _OnePasskey:
    """Finds the passkey that the address names, among the account's own."""

    success_url = SECURITY

    def get_object(self, queryset: Any = None) -> Authenticator:
        """Will return it; raises Http404."""
        asked = self.kwargs["passkey"]  # type: ignore[attr-defined]
        for key in self.get_queryset():  # type: ignore[attr-defined]
            if constant_time_compare(handle_of("passkey", key.pk), asked):
                return key
        raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        context["name"] = self.get_object().wrap().name
        return context


class _RenamePasskey(_SaysDone, _OnePasskey, passkeys.EditWebAuthnView):
    template_name = f"{PAGES}/passkey_rename.html"
    done = "Son nouveau nom est enregistré."


class _RemovePasskey(_SaysDone, _OnePasskey, passkeys.RemoveWebAuthnView):
    template_name = f"{PAGES}/passkey_remove.html"
    done = "Cette clé d’accès n’ouvre plus votre compte."


class _ActivateApp(_SaysDone, app.ActivateTOTPView):
    template_name = f"{PAGES}/app_activate.html"
    done = "Votre application de codes est activée."

    def get_success_url(self) -> str:
        """Will lead to the recovery codes if these are the first."""
        return reverse("mfa_view_recovery_codes") if self.did_generate_recovery_codes else reverse("security")


class _RemoveApp(_SaysDone, app.DeactivateTOTPView):
    template_name = f"{PAGES}/app_remove.html"
    success_url = SECURITY
    done = "Votre application de codes n’est plus demandée."


class _ViewCodes(codes.ViewRecoveryCodesView):
    template_name = f"{PAGES}/codes.html"


class _MakeCodes(_SaysDone, codes.GenerateRecoveryCodesView):
    template_name = f"{PAGES}/codes_make.html"
    done = "Voici vos nouveaux codes. Les anciens ne servent plus."


class _DownloadCodes(codes.DownloadRecoveryCodesView):
    template_name = f"{PAGES}/codes.txt"

    def render_to_response(self, context: Any, **response_kwargs: Any) -> HttpResponse:
        """Will give the file a name in our language."""
        response: HttpResponse = super().render_to_response(context, **response_kwargs)
        response["Content-Disposition"] = 'attachment; filename="codes-de-secours.txt"'
        return response


# Half signed in: the library lets in only who has just given the right password.
sign_in_step = _SignInStep.as_view()
sign_in_step.door = "account"
passkey_alone = public(_PasskeyAlone.as_view())
confirm_by_password = signed_in(_ConfirmByPassword.as_view())
confirm_by_code = signed_in(_ConfirmByCode.as_view())
confirm_by_passkey = signed_in(_ConfirmByPasskey.as_view())
add_passkey = signed_in(confirmed_recently(_AddPasskey.as_view()))
rename_passkey = signed_in(confirmed_recently(_RenamePasskey.as_view()))
remove_passkey = signed_in(confirmed_recently(_RemovePasskey.as_view()))
activate_app = signed_in(confirmed_recently(_ActivateApp.as_view()))
remove_app = signed_in(confirmed_recently(_RemoveApp.as_view()))
view_codes = signed_in(confirmed_recently(_ViewCodes.as_view()))
make_codes = signed_in(confirmed_recently(_MakeCodes.as_view()))
download_codes = signed_in(confirmed_recently(_DownloadCodes.as_view()))
