"""The files of banks: direct debits (pain.008), transfers (pain.001), and what came back (a CSV of ours, pain.002)."""
