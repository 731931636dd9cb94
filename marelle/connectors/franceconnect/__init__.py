"""FranceConnect v2: the State says who a parent is."""
