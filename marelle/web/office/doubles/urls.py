"""Addresses of the files that are alike."""

from django.urls import path

from marelle.web.office.doubles import views

urlpatterns = [
    path("", views.listing, name="office_doubles"),
    path("<slug:family>/<slug:second>/", views.preview, name="office_merge_preview"),
    path("<slug:family>/<slug:second>/differents/", views.different, name="office_say_different"),
]
