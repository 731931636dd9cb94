"""Pure rules of the catalog: opening days, cut-offs, règlements, and the sentences that say them."""
