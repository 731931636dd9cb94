"""Who signs in: users, agents and what they are granted."""
