"""Documents that an authority gives to download."""
