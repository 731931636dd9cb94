"""Rules that authorities publish, in one vocabulary and with worked cases: read, expressed in our forms, checked."""
