"""The agents of the authority, and what each may do."""
