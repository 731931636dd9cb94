"""What decides in the news: who reads what, how a menu is read and shown, to whom a message goes."""
