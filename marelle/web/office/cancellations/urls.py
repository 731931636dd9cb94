"""Addresses of the cancellations that families ask for."""

from django.urls import path

from marelle.web.office.cancellations import together, views

urlpatterns = [
    path("", views.queue, name="office_cancellations"),
    path("ensemble/", together.answer, name="office_cancellations_together"),
    path("<slug:asked>/", views.answer, name="office_answer_cancellation"),
]
