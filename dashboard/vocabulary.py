"""Enumerations of the words that the database stores and the program compares.

Most Python code takes these words from here; SQL statements may write them out. A member is a
``str`` and equals the stored word, so it can be used in SQL parameters and JSON. Forms offer the
members in the order of this module.
"""

from enum import StrEnum


class Role(StrEnum):
    """The roles of ``registry.practitioner``."""

    PSYCHIATRIST = "psychiatrist"
    NURSE = "nurse"
    GP = "gp"
    LEAD = "lead"


CARE_TEAM = (Role.PSYCHIATRIST, Role.NURSE, Role.GP)
"""The roles that treat patients."""

PAIR = (Role.PSYCHIATRIST, Role.NURSE)
"""The roles that hold meetings, follow up advice and cover colleagues."""

OWNER_ROLES = (Role.GP, Role.NURSE, Role.PSYCHIATRIST)
"""The roles to which a recommendation may be addressed."""

LETTER_ROLES = (Role.GP, Role.NURSE)
"""The roles that receive the letter of a review."""


class AccountAction(StrEnum):
    """The changes that a medical lead can make to an account at one of the lead's sites."""

    INVITE = "invite"
    RESET_PASSWORD = "reset_password"  # noqa: S105  # nosec B105
    RESET_SECOND_FACTOR = "reset_second_factor"
    LOCK = "lock"
    UNLOCK = "unlock"


class AccountState(StrEnum):
    """The states of an account.

    ``EXPIRED`` means that no password was chosen while the last invitation could be used.
    """

    NONE = "none"
    INVITED = "invited"
    EXPIRED = "expired"
    ACTIVE = "active"
    LOCKED = "locked"


class CalendarEventKind(StrEnum):
    """The kinds of event in a person's calendar feed."""

    MEETING = "meeting"
    REVIEW_DUE = "review_due"
    REASSESSMENT_DUE = "reassessment_due"
    ANSWER_DUE = "answer_due"


class ChosenBy(StrEnum):
    """The ways in which a case is put on the agenda of a meeting."""

    RULE = "rule"
    NURSE = "nurse"
    DEFERRED = "deferred"


class Outcome(StrEnum):
    """The outcomes of a case on the agenda of a meeting."""

    REVIEWED = "reviewed"
    NO_CHANGE = "no_change"
    DEFERRED = "deferred"


REVIEW_OUTCOMES = (Outcome.REVIEWED, Outcome.NO_CHANGE)
"""The outcomes that a signed review can have."""


class AnswerOutcome(StrEnum):
    """The answers to a recommendation."""

    ACKNOWLEDGED = "acknowledged"
    DONE = "done"
    MODIFIED = "modified"
    DECLINED = "declined"
    REFUSED_BY_PATIENT = "refused_by_patient"


class RecommendationKind(StrEnum):
    """The kinds of recommendation."""

    MEDICATION = "medication"
    PSYCHOTHERAPY = "psychotherapy"
    PSYCHOSOCIAL = "psychosocial"
    INVESTIGATION = "investigation"
    SAFETY = "safety"
    REFERRAL = "referral"
    SEQUENCE = "sequence"
    OTHER = "other"


class MedicationAction(StrEnum):
    """The actions on a drug."""

    START = "start"
    INCREASE = "increase"
    DECREASE = "decrease"
    SWITCH = "switch"
    STOP = "stop"
    CONTINUE = "continue"


class SequenceAction(StrEnum):
    """The actions on a care sequence."""

    RENEW = "renew"
    STEP_UP = "step_up"
    RELAPSE_PREVENTION = "relapse_prevention"
    CLOSE = "close"


class RiskLevel(StrEnum):
    """The levels of suicide risk in a review. ``NOT_ASSESSED`` means that no level was decided."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    NOT_ASSESSED = "not_assessed"


class SettlementKind(StrEnum):
    """The ways in which a review settles a recommendation that is still in force. A psychiatrist
    can also withdraw one without a review.
    """

    KEPT = "kept"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class Channel(StrEnum):
    """The ways in which a review reaches a recipient."""

    INBOX = "inbox"
    MAIL = "mail"


class DeliveryState(StrEnum):
    """The states of a delivery."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class MailTransport(StrEnum):
    """The transports of letters: secure mail, a notice that a letter waits, a folder of files."""

    MSSANTE = "mssante"
    NOTICE = "notice"
    FOLDER = "folder"


class ToldBy(StrEnum):
    """The ways in which a person tells a recipient about advice that the mail did not deliver."""

    PHONE = "phone"
    POST = "post"
    IN_PERSON = "in_person"


class Sex(StrEnum):
    """The sexes of ``registry.patient``."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class EpisodeStatus(StrEnum):
    """The statuses of ``registry.episode``."""

    ACTIVE = "active"
    RELAPSE_PREVENTION = "relapse_prevention"
    CLOSED = "closed"


class SequenceKind(StrEnum):
    """The kinds of ``registry.care_sequence``."""

    LIGHT = "leger"
    CLASSIC = "classique"


class ContactKind(StrEnum):
    """The kinds of ``registry.contact``."""

    CLINIC = "clinic"
    PHONE = "phone"
    VIDEO = "video"
    HOME = "home"


class Adherence(StrEnum):
    """The adherence to a drug in ``registry.medication``."""

    GOOD = "good"
    PARTIAL = "partial"
    POOR = "poor"
    UNKNOWN = "unknown"


class CareKind(StrEnum):
    """The kinds of ``registry.psychosocial_care``."""

    BEHAVIOURAL_ACTIVATION = "behavioural_activation"
    PROBLEM_SOLVING = "problem_solving"
    PSYCHOLOGIST = "psychologist"
    SUPPORT_GROUP = "support_group"
    SOCIAL_SERVICE = "social_service"
    OTHER = "other"


class FlagKind(StrEnum):
    """The kinds of ``registry.flag``."""

    SAFETY = "safety"
    DISCUSSION = "discussion"


class InstrumentCode(StrEnum):
    """The questionnaires that the program knows.

    Other questionnaires are plotted without severity bands.
    """

    PHQ9 = "phq9"
    GAD7 = "gad7"
    HAD_A = "had_a"
    HAD_D = "had_d"
    MADRS = "madrs"
    ISI = "isi"
    PCL5 = "pcl5"
    AUDIT = "audit"
    BDI2 = "bdi2"
    CSSRS = "cssrs"


class SignInStep(StrEnum):
    """The steps that a sign-in may still need after the password."""

    CODE = "code"
    NEW_PASSWORD = "new_password"  # noqa: S105  # nosec B105
    ENROLMENT = "enrolment"
    RECOVERY_CODES = "recovery_codes"


class EmergencyReason(StrEnum):
    """The reasons for which a record is opened in an emergency."""

    ACUTE_RISK = "acute_risk"
    ON_CALL = "on_call"
    COLLEAGUE_AWAY = "colleague_away"
    PATIENT_ASKS = "patient_asks"
    OTHER = "other"


class AccessReason(StrEnum):
    """The reasons for which the database allows a person to read a record."""

    CARE = "care"
    MEETING = "meeting"
    COVER = "cover"
    EMERGENCY = "emergency"


class ImportOutcome(StrEnum):
    """The outcomes of an import of files into the registry."""

    LOADED = "loaded"
    SET_ASIDE = "set_aside"
    STOPPED = "stopped"
