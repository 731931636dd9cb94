"""The authority's calendar: school holidays, public holidays, days the town hall is shut, closures."""
