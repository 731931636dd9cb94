"""Registers the street with Django, for its templates."""

from django.apps import AppConfig

from marelle.foundation import encryption


class WebConfig(AppConfig):
    """What people and programs see."""

    name = "marelle.web"
    label = "web"

    def ready(self) -> None:
        """Will listen to what the sign-in library does, so that it is noted and told."""
        from marelle.web.account import notices  # noqa: PLC0415  Django must be ready
        from marelle.web.account.provider import checks  # noqa: F401, PLC0415  registers them
        from marelle.web.account.second_factor import adapter  # noqa: PLC0415

        notices.listen()
        encryption.other_tokens["secret de code"] = adapter.rotate_secrets
