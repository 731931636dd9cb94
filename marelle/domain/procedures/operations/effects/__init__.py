"""What an acceptance does, through the rooms below: one function for each kind of effect, `applying` chooses."""

from marelle.domain.procedures.operations.effects.applying import apply_effect
from marelle.domain.procedures.operations.effects.done import Done, UnableToApplyError

__all__ = ["Done", "UnableToApplyError", "apply_effect"]
