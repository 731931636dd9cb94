"""FranceConnect v2 and ProConnect as their providers answer: one protocol, two profiles, fictional people."""
