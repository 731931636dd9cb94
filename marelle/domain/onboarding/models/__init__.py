"""Tables of the coming of a town, by idea."""

from marelle.domain.onboarding.models.copies import ActivityCopy
from marelle.domain.onboarding.models.costs import ProductCost
from marelle.domain.onboarding.models.imports import ColumnMapping, Import, ImportLine
from marelle.domain.onboarding.models.opening import OpeningLink

__all__ = ("ActivityCopy", "ColumnMapping", "Import", "ImportLine", "OpeningLink", "ProductCost")
