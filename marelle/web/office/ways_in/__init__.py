"""Who has an account and who waits for one: links, codes, letters, requests to be attached."""
