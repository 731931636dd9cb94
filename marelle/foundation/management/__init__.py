"""The ground's own commands, run by `marelle manage`."""
