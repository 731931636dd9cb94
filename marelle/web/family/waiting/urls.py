"""Addresses of what one waits for."""

from django.urls import path

from marelle.web.family.waiting import views

urlpatterns = [
    path("", views.waiting, name="waiting"),
    path("quitter/<str:square>/", views.leave, name="waiting_leave"),
    path("<str:proposed>/", views.answer, name="waiting_answer"),
]
