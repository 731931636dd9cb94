"""Tables of procedures, by idea."""

from marelle.domain.procedures.models.applications import (
    AgentNote,
    Application,
    ApplicationChild,
    ApplicationDocument,
    AppliedEffect,
    ChangesAsked,
    Message,
    SilenceWarning,
)
from marelle.domain.procedures.models.definitions import (
    AnswerTemplate,
    Procedure,
    ProcedureVersion,
    ServiceInCharge,
)

__all__ = [
    "AgentNote",
    "AnswerTemplate",
    "Application",
    "ApplicationChild",
    "ApplicationDocument",
    "AppliedEffect",
    "ChangesAsked",
    "Message",
    "Procedure",
    "ProcedureVersion",
    "ServiceInCharge",
    "SilenceWarning",
]
