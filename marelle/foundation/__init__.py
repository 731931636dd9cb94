"""The ground: what every room stands on and what knows no word of the domain."""
