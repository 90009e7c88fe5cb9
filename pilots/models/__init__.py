"""What is stored. Import models from here."""

from pilots.models.alerts import Alert, AlertEvent
from pilots.models.conditions import Condition, ConditionState
from pilots.models.decisions import Decision, Framework, NextStep, Option, Risk
from pilots.models.engine import ChannelState, Pulse
from pilots.models.escalation import Continuance, Destination, EscalationPolicy, EscalationStep
from pilots.models.evaluations import Evaluation
from pilots.models.history import Tracked, written_at
from pilots.models.impact import Basis, CustomerFeedback, CustomerNotice, ImpactAssessment
from pilots.models.imports import ImportJob
from pilots.models.metrics import Baseline, Driver, DriverAnswer, DriverState, Metric
from pilots.models.notifications import Notification, Receipt, Send
from pilots.models.observations import AccountShare, Observation, ReadingRevision
from pilots.models.people import ApiToken, Membership, Role, User
from pilots.models.pilots import Pilot, PilotMove, PilotState, Stage
from pilots.models.preferences import Preference
from pilots.models.reviews import Review

__all__ = [
    "AccountShare",
    "Alert",
    "AlertEvent",
    "ApiToken",
    "Baseline",
    "Basis",
    "ChannelState",
    "Condition",
    "ConditionState",
    "Continuance",
    "CustomerFeedback",
    "CustomerNotice",
    "Decision",
    "Destination",
    "Driver",
    "DriverAnswer",
    "DriverState",
    "EscalationPolicy",
    "EscalationStep",
    "Evaluation",
    "Framework",
    "ImpactAssessment",
    "ImportJob",
    "Membership",
    "Metric",
    "NextStep",
    "Notification",
    "Observation",
    "Option",
    "Pilot",
    "PilotMove",
    "PilotState",
    "Preference",
    "Pulse",
    "ReadingRevision",
    "Receipt",
    "Review",
    "Risk",
    "Role",
    "Send",
    "Stage",
    "Tracked",
    "User",
    "written_at",
]
