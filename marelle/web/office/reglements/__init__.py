"""The règlements: reading, changing, trying and recording them."""
