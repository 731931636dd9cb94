"""PayZen (Lyra): a signed form takes the browser there, and its REST API says what became of an order."""
