"""What an acceptance does, through the rooms below: one function for each kind of effect, `applying` chooses."""
