"""Addresses of what an authority publishes."""

from django.urls import path

from marelle.web.office.publication import articles

urlpatterns = [
    path("actualites/", articles.every, name="office_articles"),
    path("actualites/<slug:article>/", articles.one, name="office_article"),
    path("actualites/<slug:article>/retirer/", articles.withdraw, name="office_article_withdraw"),
]
