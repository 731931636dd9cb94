"""How a régie is paid online: its choices, its three steps, its trials."""
