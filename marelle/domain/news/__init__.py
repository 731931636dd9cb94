"""What an authority tells: articles."""
