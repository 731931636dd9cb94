"""Pure rules of reservations: what may be asked, what a square of the week shows, and why."""
