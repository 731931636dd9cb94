"""What others offer, behind the ports that the domain declares."""
