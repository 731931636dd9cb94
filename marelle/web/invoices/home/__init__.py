"""What the site is for, and which authorities have joined."""
