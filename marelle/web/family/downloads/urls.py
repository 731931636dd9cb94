"""Addresses of the documents to download."""

from django.urls import path

from marelle.web.family.downloads import views

urlpatterns = [
    path("", views.downloads, name="downloads"),
    path("<slug:download>/", views.download, name="download"),
]
