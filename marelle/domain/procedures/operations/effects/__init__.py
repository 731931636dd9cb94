"""What an acceptance does, through the rooms below: one function for each kind of effect."""

from marelle.domain.procedures.operations.effects.applying import Done, UnableToApplyError, apply_effect

__all__ = ["Done", "UnableToApplyError", "apply_effect"]
