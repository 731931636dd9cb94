"""Who the authority is, and its places: schools with their classes, leisure centres."""
