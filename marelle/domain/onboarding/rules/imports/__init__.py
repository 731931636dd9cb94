"""Files from elsewhere: what each kind of file says, and what differs from what is known. Pure."""
