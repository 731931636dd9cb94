"""Addresses of the cancellations that families ask for."""

from django.urls import path

from marelle.web.office.cancellations import views

urlpatterns = [
    path("", views.queue, name="office_cancellations"),
    path("<slug:asked>/", views.answer, name="office_answer_cancellation"),
]
