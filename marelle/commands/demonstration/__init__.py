"""The authorities of the demonstration, and the life they lead."""
