"""The named states of the field. The models reach them as value/label pairs."""

from enum import StrEnum


class Direction(StrEnum):
    LOWER_IS_BETTER = "lower_is_better"
    HIGHER_IS_BETTER = "higher_is_better"


class MetricKind(StrEnum):
    MEAN = "mean"
    RATE = "rate"
    TOTAL = "total"
    GEOMETRIC_MEAN = "geometric_mean"


class Arm(StrEnum):
    PILOT = "pilot"
    CONTROL = "control"


class ConditionKind(StrEnum):
    THRESHOLD = "threshold"
    STOP_CONDITION = "stop_condition"
    ESCALATION_TRIGGER = "escalation_trigger"


class Comparison(StrEnum):
    """Where a condition becomes true: relative to the baseline, or against a value."""

    IMPROVE_BY = "improve_by"
    WORSEN_BY = "worsen_by"
    ABOVE = "above"
    BELOW = "below"

    @property
    def is_relative(self) -> bool:
        return self in (Comparison.IMPROVE_BY, Comparison.WORSEN_BY)


class Method(StrEnum):
    POINT = "point"
    INTERVAL = "interval"


class Severity(StrEnum):
    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"


class DataState(StrEnum):
    """What is known of a metric; the first that matches, in this order."""

    NO_BASELINE = "no_baseline"
    SOURCE_ERROR = "source_error"
    AWAITING_FIRST = "awaiting_first"
    NO_DATA = "no_data"
    STALE = "stale"
    TOO_SMALL = "too_small"
    USABLE = "usable"


class Truth(StrEnum):
    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class Episode(StrEnum):
    CLEAR = "clear"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"


class DriverState(StrEnum):
    HOLDS = "holds"
    MOVED = "moved"
    UPDATE_DUE = "update_due"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """The headline of a pilot, in order of precedence."""

    STOP = "stop"
    ESCALATE = "escalate"
    REVISIT = "revisit"
    SCALE_UP = "scale_up"
    INCONCLUSIVE = "inconclusive"
    CANNOT_TELL = "cannot_tell"
    EARLY = "early"
    ON_TRACK = "on_track"
