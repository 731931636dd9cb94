"""The régie at its desk: what is cashed, its receipts, the drawer, the deposits, who holds it, what is left."""
