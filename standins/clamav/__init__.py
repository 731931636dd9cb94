"""A stand-in for clamd, ClamAV's daemon."""
