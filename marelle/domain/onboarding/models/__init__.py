"""Tables of what comes with a town."""

from marelle.domain.onboarding.models.imports import ColumnMapping, Import, ImportLine

__all__ = ["ColumnMapping", "Import", "ImportLine"]
