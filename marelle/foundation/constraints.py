"""Constraints and indexes added by a migration without making every model anew.

Django renders a model, and all that point to it, each time that an operation changes its state, and a constraint is
such a change: three hundred of them were most of what it took to prepare an empty database. Neither the statement that
adds a constraint nor what later operations do on PostgreSQL reads the constraints of a rendered model, so these leave
it as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

if TYPE_CHECKING:
    from django.db.migrations.state import ProjectState


class AddConstraint(migrations.AddConstraint):
    """Django's operation of that name: the same statement, the same state, no model rendered."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Will write the constraint in the state of its model."""
        options = state.models[app_label, self.model_name_lower].options
        options["constraints"] = [*options.get("constraints", []), self.constraint]


class AddIndex(migrations.AddIndex):
    """Django's operation of that name: the same statement, the same state, no model rendered."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Will write the index, which has a name, in the state of its model."""
        options = state.models[app_label, self.model_name_lower].options
        options["indexes"] = [*options.get("indexes", []), self.index.clone()]
