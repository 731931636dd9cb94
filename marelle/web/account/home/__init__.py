"""« Votre compte »: the first page of the account site, and the ways to the others."""
