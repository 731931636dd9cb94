"""How a command says no."""


class Refused(Exception):
    """The command cannot be done; the message is one French sentence for whoever typed it."""
