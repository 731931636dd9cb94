"""Named reads of reservations: facts for the rules, rows for the screens."""
