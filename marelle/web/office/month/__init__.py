"""Closing a month: what is left to do, in order, each step with its count and the screen where it is done."""
