"""Tables of the coming of a town, by idea."""

from marelle.domain.onboarding.models.costs import ProductCost

__all__ = ("ProductCost",)
