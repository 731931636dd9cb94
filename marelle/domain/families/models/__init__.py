"""Tables of families, by idea."""

from marelle.domain.families.models.blocks import Block
from marelle.domain.families.models.documents import SupportingDocument
from marelle.domain.families.models.health import HealthRecord
from marelle.domain.families.models.joining import Invitation, JoinRequest, MembershipCode
from marelle.domain.families.models.people import Child, Custody, Family, Guardian, Membership
from marelle.domain.families.models.quotients import FamilyQuotient

__all__ = [
    "Block",
    "Child",
    "Custody",
    "Family",
    "FamilyQuotient",
    "Guardian",
    "HealthRecord",
    "Invitation",
    "JoinRequest",
    "Membership",
    "MembershipCode",
    "SupportingDocument",
]
