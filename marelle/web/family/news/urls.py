"""Addresses of the first pages: before signing in, one authority, its news."""

from django.urls import path

from marelle.web.family.news import views

urlpatterns = [
    path("", views.home, name="home"),
    path("<slug:authority>/", views.authority_home, name="authority_home"),
    path("<slug:authority>/actualites/", views.news, name="news"),
    path("<slug:authority>/actualites/<str:public_id>/", views.article, name="article"),
]
