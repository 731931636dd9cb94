"""Passkeys, codes of an application, recovery codes: the library's flows in our words, and proving again who one is."""
