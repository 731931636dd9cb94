"""E-mails that come back: where they are read, and what they say."""
