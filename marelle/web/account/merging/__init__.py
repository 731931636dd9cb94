"""Two accounts of one person become one: the second is proved, what moves is shown, then it is confirmed."""
