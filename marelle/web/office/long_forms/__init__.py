"""What the council voted, typed in a long form or as a text: the pieces, their drawing, and the day and the vote."""
