"""Tables of families, by idea."""

from marelle.domain.families.models.addresses import AddressChange
from marelle.domain.families.models.blocks import Block
from marelle.domain.families.models.documents import SupportingDocument
from marelle.domain.families.models.doubles import DifferentFamilies
from marelle.domain.families.models.feeds import CalendarFeed
from marelle.domain.families.models.health import HealthRecord
from marelle.domain.families.models.joining import Invitation, JoinRequest, MembershipCode
from marelle.domain.families.models.people import Child, Custody, Family, Guardian, Membership
from marelle.domain.families.models.photos import ChildPhoto
from marelle.domain.families.models.profile import (
    Consent,
    ConsentText,
    FileConfirmation,
    PickupChild,
    PickupPerson,
    ProfilePolicy,
    ProfileSettings,
    ProposedChange,
)
from marelle.domain.families.models.quotients import FamilyQuotient
from marelle.domain.families.models.removals import AccessRemoval, RemovedMembership
from marelle.domain.families.models.search import SearchEntry, SearchVariant

__all__ = [
    "AccessRemoval",
    "AddressChange",
    "Block",
    "CalendarFeed",
    "Child",
    "ChildPhoto",
    "Consent",
    "ConsentText",
    "Custody",
    "DifferentFamilies",
    "Family",
    "FamilyQuotient",
    "FileConfirmation",
    "Guardian",
    "HealthRecord",
    "Invitation",
    "JoinRequest",
    "Membership",
    "MembershipCode",
    "PickupChild",
    "PickupPerson",
    "ProfilePolicy",
    "ProfileSettings",
    "ProposedChange",
    "RemovedMembership",
    "SearchEntry",
    "SearchVariant",
    "SupportingDocument",
]
