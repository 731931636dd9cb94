"""An invoice, as both sites show it: its row, its detail, and how it is paid."""
