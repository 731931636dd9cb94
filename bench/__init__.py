"""The figures that the house holds itself to, measured on an authority of 1,000 families made for it."""
