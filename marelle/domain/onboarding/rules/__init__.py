"""What decides whether a town is ready, and what a file from elsewhere says."""
