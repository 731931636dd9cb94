"""ProConnect: the State says who an agent is, and for which organisation."""
