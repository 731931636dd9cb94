"""Tous mes enfants: the week, the invoices and the requests of every family of an account; adding an authority."""
