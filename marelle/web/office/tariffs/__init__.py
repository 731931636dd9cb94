"""The tariffs: reading, changing, trying and recording them."""
