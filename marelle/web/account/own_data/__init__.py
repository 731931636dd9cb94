"""What is kept about oneself: downloading it, erasing one's account."""
