"""Messages to families: written, seen as they would be read, sent, followed; and addresses that answer no more."""
