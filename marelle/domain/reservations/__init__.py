"""Enrollments, basket, reservations, waiting list, cancellation requests, attendance."""
