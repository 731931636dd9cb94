"""Direct debits at the office: whose account, which day, what came back."""
