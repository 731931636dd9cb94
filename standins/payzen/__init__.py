"""PayZen as Lyra's own service behaves: a signed form, a payment page, notices, returns, and the REST API V4."""
