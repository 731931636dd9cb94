"""The guided first run: what is missing before the town opens, and few clicks to have it."""
