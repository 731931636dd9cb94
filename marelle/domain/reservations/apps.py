"""Registers the room with Django."""

from django.apps import AppConfig


class ReservationsConfig(AppConfig):
    """Enrollments, basket, reservations, waiting list, cancellation requests, attendance."""

    name = "marelle.domain.reservations"
    label = "reservations"
    verbose_name = "réservations"
