"""The named writes of reservations. Places are taken and given back by one statement, in `places.py`."""
