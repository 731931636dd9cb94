"""The journal: who did what, when, what it was before and what it is after."""
