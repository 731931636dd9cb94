"""What an operator does from a terminal about accounts."""
