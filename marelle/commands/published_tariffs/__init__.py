"""Published tariffs with worked prices: read, priced by the same functions as the portal, and compared."""
