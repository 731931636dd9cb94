"""Tables of reservations, by idea."""

from marelle.domain.reservations.models.absences import Absence, CancellationRequest
from marelle.domain.reservations.models.attendance import Attendance, AttendanceMark
from marelle.domain.reservations.models.baskets import Basket, BasketLine, Confirmation
from marelle.domain.reservations.models.custody import CustodyDay, CustodyProposal, CustodyTurn, SharedCustody
from marelle.domain.reservations.models.disruptions import Disruption, DisruptionLine
from marelle.domain.reservations.models.enrollments import Enrollment
from marelle.domain.reservations.models.figures import DayFigure, FiguresCount
from marelle.domain.reservations.models.kitchen import KitchenOrder, KitchenSettings
from marelle.domain.reservations.models.reserved import Place, Reservation
from marelle.domain.reservations.models.waiting import FreedPlace, PlaceOffer, WaitingListEntry

__all__ = [
    "Absence",
    "Attendance",
    "AttendanceMark",
    "Basket",
    "BasketLine",
    "CancellationRequest",
    "Confirmation",
    "CustodyDay",
    "CustodyProposal",
    "CustodyTurn",
    "DayFigure",
    "Disruption",
    "DisruptionLine",
    "Enrollment",
    "FiguresCount",
    "FreedPlace",
    "KitchenOrder",
    "KitchenSettings",
    "Place",
    "PlaceOffer",
    "Reservation",
    "SharedCustody",
    "WaitingListEntry",
]
