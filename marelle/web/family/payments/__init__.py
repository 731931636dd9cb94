"""Paying: the pages before and after a gateway's own, what was paid, and the wallet."""
