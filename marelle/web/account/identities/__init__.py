"""Coming in, and being known, by FranceConnect and ProConnect: on the account site alone (decision 22)."""
