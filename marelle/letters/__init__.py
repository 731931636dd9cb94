"""What leaves the house: e-mails, what they say and what was sent."""
