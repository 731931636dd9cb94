"""Addresses of the changes of families' files, and of their rules."""

from django.urls import path

from marelle.web.office.profile_changes import rules, texts, together, views

urlpatterns = [
    path("modifications/", views.changes, name="office_profile_changes"),
    path("modifications/ensemble/", together.answer, name="office_changes_together"),
    path("modifications/<slug:change>/", views.decide, name="office_decide_change"),
    path("reglages/", rules.rules, name="office_profile_rules"),
    path("autorisations/", texts.texts, name="office_consent_texts"),
    path("autorisations/<slug:text>/retirer/", texts.withdraw, name="office_withdraw_text"),
]
