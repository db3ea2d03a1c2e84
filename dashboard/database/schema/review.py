"""The dashboard's own schema, ``review``.

The keys of tables about patients begin with ``patient_id``, and ids are UUIDs made by the
application. So the tables can be distributed over several servers by patient.

The registry has another owner and may consist of views. So the columns that hold its ids have no
foreign keys.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from dashboard.clinical.sites.indicators import INDICATORS
from dashboard.vocabulary import (
    OWNER_ROLES,
    REVIEW_OUTCOMES,
    AccessReason,
    AccountAction,
    AnswerOutcome,
    Channel,
    ChosenBy,
    DeliveryState,
    EmergencyReason,
    ImportOutcome,
    MailTransport,
    MedicationAction,
    Outcome,
    RecommendationKind,
    RiskLevel,
    SequenceAction,
    SettlementKind,
    SignInStep,
    ToldBy,
)

metadata = MetaData(
    schema="review",
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    },
)


def _uuid(name: str = "id", *, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    return Column(name, UUID(as_uuid=True), nullable=nullable, primary_key=primary_key)


def _registry_id(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable, primary_key=primary_key, autoincrement=False)


def _instant(name: str, *, nullable: bool = False, now: bool = False) -> Column[Any]:
    return Column(
        name,
        DateTime(timezone=True),
        nullable=nullable,
        server_default=func.now() if now else None,
    )


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


account = Table(
    "account",
    metadata,
    _registry_id("practitioner_id", primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    # Null if only the site's identity provider authenticates the person.
    Column("password_hash", Text, nullable=True),
    _instant("created_at", now=True),
    _instant("locked_at", nullable=True),
    _instant("last_sign_in_at", nullable=True),
    # The language that the person chose in the interface, also used for letters. Null if none.
    Column("language", Text, nullable=True),
    # The time at which the person closed the introduction of the first visit; null if not closed.
    _instant("introduced_at", nullable=True),
    # True if somebody else set the password, so that it must be changed at the first sign-in.
    Column("password_is_temporary", Boolean, nullable=False, server_default=text("false")),
    # Hashes of previous passwords, the latest first. A previous password cannot be used again.
    Column("old_password_hashes", ARRAY(Text), nullable=False, server_default="{}"),
)

# A person's authenticator app, which makes the codes, and recovery codes in case the app is lost.
second_factor = Table(
    "second_factor",
    metadata,
    _registry_id("practitioner_id", primary_key=True),
    # Encrypted with a key from the settings, so that the database alone is not enough to make
    # codes.
    Column("secret", LargeBinary, nullable=False),
    _instant("enrolled_at", now=True),
    # The time step of the last accepted code. This code and earlier codes are not accepted again.
    Column("last_step", BigInteger, nullable=False),
    Column("recovery_hashes", ARRAY(Text), nullable=False),
)

sign_in = Table(
    "sign_in",
    metadata,
    _uuid(primary_key=True),
    _registry_id("practitioner_id"),
    Column("ticket_hash", Text, nullable=True, unique=True),
    Column("token_hash", Text, nullable=True, unique=True),
    _instant("created_at", now=True),
    _instant("last_seen_at", now=True),
    _instant("ended_at", nullable=True),
    Column("address", Text, nullable=True),
    _instant("presenting_since", nullable=True),
    # The step still required after the password; null once the person is signed in.
    Column("awaits", Text, nullable=True),
    Index("sign_in_practitioner", "practitioner_id"),
    _one_of("awaits", SignInStep),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    _uuid(primary_key=True),
    _instant("at", now=True),
    _registry_id("practitioner_id", nullable=True),
    Column("address", Text, nullable=True),
    Index("sign_in_failure_practitioner", "practitioner_id", "at"),
    Index("sign_in_failure_address", "address", "at"),
)

# A change of an account by a lead or by the owner of the database, and the mail that tells the
# account's holder. A row with ``expires_at`` is an invitation. Its mail has a link with which the
# holder chooses a password.
account_notice = Table(
    "account_notice",
    metadata,
    _uuid(primary_key=True),
    _registry_id("practitioner_id"),
    Column("action", Text, nullable=False),
    # Null if the owner of the database made the change by a command.
    _registry_id("made_by", nullable=True),
    _instant("made_at", now=True),
    _instant("expires_at", nullable=True),
    _instant("used_at", nullable=True),
    # The time at which a later invitation or a lock made this unused invitation void.
    _instant("voided_at", nullable=True),
    Column("state", Text, nullable=False, server_default=DeliveryState.QUEUED),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    _instant("next_attempt_at", nullable=True),
    _instant("sent_at", nullable=True),
    Column("error", Text, nullable=True),
    _one_of("action", AccountAction),
    _one_of("state", DeliveryState),
    Index("account_notice_practitioner", "practitioner_id", "made_at"),
    Index(
        "account_notice_queued",
        "next_attempt_at",
        postgresql_where=text("state = 'queued'"),
    ),
)

# The calendar feed of a practitioner. The feed's address has a token. Only the token's digest is
# stored.
calendar_feed = Table(
    "calendar_feed",
    metadata,
    _registry_id("practitioner_id", primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    _instant("renewed_at", now=True),
)

# A file that was made for the holder of a token, encrypted with a key derived from the token. Other
# processes need the file for two minutes only. So the table is neither in the write-ahead log (WAL)
# nor in backups.
made_file = Table(
    "made_file",
    metadata,
    Column("path", Text, primary_key=True),
    Column("token_hash", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    _instant("made_at", now=True),
    Index("made_file_made_at", "made_at"),
    prefixes=["UNLOGGED"],
)

cover = Table(
    "cover",
    metadata,
    _uuid(primary_key=True),
    _registry_id("covered_id"),
    _registry_id("covering_id"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    _instant("created_at", now=True),
    _instant("withdrawn_at", nullable=True),
    Index("cover_covering", "covering_id", "ends_on"),
    Index("cover_covered", "covered_id", "ends_on"),
    # Two clicks must not create the same cover twice.
    Index(
        "cover_once",
        "covered_id",
        "covering_id",
        "starts_on",
        "ends_on",
        unique=True,
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
    CheckConstraint("starts_on <= ends_on", name="dates"),
    CheckConstraint("covering_id <> covered_id", name="colleague"),
)

preparation = Table(
    "preparation",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    _registry_id("episode_id"),
    _registry_id("nurse_id"),
    Column("question", Text, nullable=False),
    Column("tried", Text, nullable=False, server_default=text("''")),
    Column("wants_discussion", Boolean, nullable=False, server_default=text("false")),
    _instant("asked_at", now=True),
    _instant("ready_at", nullable=True),
    _instant("withdrawn_at", nullable=True),
    Index("preparation_episode", "patient_id", "episode_id"),
)

meeting = Table(
    "meeting",
    metadata,
    _uuid(primary_key=True),
    _registry_id("psychiatrist_id"),
    _registry_id("nurse_id"),
    Column("held_on", Date, nullable=False),
    _instant("sent_at", nullable=True),
    _instant("started_at", nullable=True),
    _instant("ended_at", nullable=True),
    # The agenda item that both people in the meeting see, and the time at which it was opened.
    _uuid("current_item_id", nullable=True),
    _instant("turned_at", nullable=True),
    _instant("last_seen_at", nullable=True),
    # The length of the meeting in minutes; null if the two people have not chosen one.
    Column("minutes", Integer, nullable=True),
    # ``due_cases`` is the number of cases of tiers 0 to 2. ``room`` is the number of cases for
    # which the meeting has time. Both are stored with the agenda.
    Column("due_cases", Integer, nullable=True),
    Column("room", Integer, nullable=True),
    Index("meeting_psychiatrist", "psychiatrist_id", "held_on"),
    Index("meeting_nurse", "nurse_id", "held_on"),
    # A psychiatrist and a nurse prepare or hold only one meeting together at a time.
    Index(
        "meeting_not_ended",
        "psychiatrist_id",
        "nurse_id",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
)

agenda_item = Table(
    "agenda_item",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    _uuid("meeting_id"),
    _registry_id("episode_id"),
    Column("position", Integer, nullable=False),
    Column("chosen_by", Text, nullable=False),
    _instant("removed_at", nullable=True),
    Column("removed_reason", Text, nullable=True),
    Column("outcome", Text, nullable=True),
    Column("reason", Text, nullable=True),
    _uuid("case_review_id", nullable=True),
    _instant("decided_at", nullable=True),
    _registry_id("decided_by", nullable=True),
    # The ids of the case's rows in the registry when the meeting began. They are stored because the
    # registry does not say when a row was added.
    Column("known", JSONB, nullable=True),
    Column("seconds_spent", Integer, nullable=False, server_default=text("0")),
    ForeignKeyConstraint(["meeting_id"], ["review.meeting.id"]),
    UniqueConstraint("patient_id", "meeting_id", "episode_id"),
    Index("agenda_item_meeting", "meeting_id", "position"),
    _one_of("chosen_by", ChosenBy),
    _one_of("outcome", Outcome),
    CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided"),
    CheckConstraint("outcome <> 'deferred' OR reason IS NOT NULL", name="deferred_reason"),
    CheckConstraint("removed_at IS NULL OR removed_reason IS NOT NULL", name="removed_reason"),
)

last_look = Table(
    "last_look",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _registry_id("episode_id", primary_key=True),
    _registry_id("practitioner_id", primary_key=True),
    # ``seen`` has the rows of the case at the practitioner's latest look. ``seen_before`` has the
    # rows at the look before the latest (clinical.case.last_look). If the practitioner marks the
    # case as not seen, ``seen_before`` is restored.
    Column("seen", JSONB, nullable=False),
    Column("seen_before", JSONB, nullable=True),
    _instant("looked_at", now=True),
)

draft = Table(
    "draft",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _registry_id("episode_id", primary_key=True),
    _registry_id("psychiatrist_id", primary_key=True),
    _uuid("idempotency_key"),
    _uuid("supersedes", nullable=True),
    Column("content", JSONB, nullable=False),
    _instant("begun_at", now=True),
    _instant("saved_at", now=True),
    Index("draft_author", "psychiatrist_id", "begun_at"),
)

case_review = Table(
    "case_review",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    _registry_id("episode_id"),
    _uuid("meeting_id", nullable=True),
    _registry_id("psychiatrist_id"),
    # The episode's psychiatrist, if a colleague signed this review as the cover.
    _registry_id("covered_id", nullable=True),
    Column("outcome", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("next_review_on", Date, nullable=True),
    Column("seen", JSONB, nullable=False),
    _instant("signed_at", now=True),
    _uuid("supersedes", nullable=True),
    _uuid("idempotency_key"),
    # Null if the form did not ask for the risk level; ``not_assessed`` if the level was left open.
    Column("risk_level", Text, nullable=True),
    Column("risk_reassess_on", Date, nullable=True),
    # The reason why no line of the kind ``safety`` is needed, if the review has no such line.
    Column("risk_reason", Text, nullable=True),
    ForeignKeyConstraint(
        ["patient_id", "supersedes"], ["review.case_review.patient_id", "review.case_review.id"]
    ),
    UniqueConstraint("patient_id", "idempotency_key"),
    UniqueConstraint("patient_id", "supersedes"),
    _one_of("outcome", REVIEW_OUTCOMES),
    _one_of("risk_level", RiskLevel),
    CheckConstraint(
        "risk_reassess_on IS NULL OR risk_level IN ('low', 'moderate', 'high')",
        name="risk_reassess_on",
    ),
)

recommendation = Table(
    "recommendation",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    _uuid("case_review_id"),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("action", Text, nullable=True),
    Column("atc_code", Text, nullable=True),
    Column("drug_name", Text, nullable=True),
    Column("daily_dose_mg", Numeric, nullable=True),
    Column("titration", Text, nullable=True),
    Column("detail", Text, nullable=False),
    Column("alternative", Text, nullable=True),
    Column("owner_role", Text, nullable=False),
    Column("due_on", Date, nullable=True),
    # The drug that a switch replaces.
    Column("replaced_atc_code", Text, nullable=True),
    Column("replaced_drug_name", Text, nullable=True),
    ForeignKeyConstraint(
        ["patient_id", "case_review_id"],
        ["review.case_review.patient_id", "review.case_review.id"],
    ),
    UniqueConstraint("patient_id", "case_review_id", "position"),
    _one_of("kind", RecommendationKind),
    _one_of("owner_role", OWNER_ROLES),
    _one_of("action", (*MedicationAction, *SequenceAction)),
)

answer = Table(
    "answer",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    _uuid("recommendation_id"),
    _registry_id("practitioner_id"),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=True),
    _instant("answered_at", now=True),
    ForeignKeyConstraint(
        ["patient_id", "recommendation_id"],
        ["review.recommendation.patient_id", "review.recommendation.id"],
    ),
    Index("answer_recommendation", "patient_id", "recommendation_id", "answered_at"),
    _one_of("outcome", AnswerOutcome),
    CheckConstraint("outcome <> 'declined' OR reason <> ''", name="declined_reason"),
    CheckConstraint("outcome <> 'declined' OR reason IS NOT NULL", name="declined_reason_given"),
)

# The end or the change of a line of an earlier review. Between two reviews, a line can only be
# withdrawn.
settlement = Table(
    "settlement",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    _uuid("case_review_id", nullable=True),
    _registry_id("settled_by"),
    _instant("settled_at", now=True),
    _uuid("recommendation_id"),
    Column("kind", Text, nullable=False),
    _uuid("replaced_by", nullable=True),
    Column("due_on", Date, nullable=True),
    Column("reason", Text, nullable=True),
    ForeignKeyConstraint(
        ["patient_id", "case_review_id"],
        ["review.case_review.patient_id", "review.case_review.id"],
        name="settlement_patient_id_case_review_id_fkey",
    ),
    ForeignKeyConstraint(
        ["patient_id", "recommendation_id"],
        ["review.recommendation.patient_id", "review.recommendation.id"],
        name="settlement_patient_id_recommendation_id_fkey",
    ),
    ForeignKeyConstraint(
        ["patient_id", "replaced_by"],
        ["review.recommendation.patient_id", "review.recommendation.id"],
        name="settlement_patient_id_replaced_by_fkey",
    ),
    UniqueConstraint(
        "patient_id", "case_review_id", "recommendation_id", name="settlement_once_a_review_key"
    ),
    Index("settlement_recommendation", "patient_id", "recommendation_id", "settled_at"),
    Index(
        "settlement_withdrawn_once",
        "patient_id",
        "recommendation_id",
        unique=True,
        postgresql_where=text("case_review_id IS NULL"),
    ),
    _one_of("kind", SettlementKind),
    CheckConstraint("(kind = 'replaced') = (replaced_by IS NOT NULL)", name="replaced_by"),
    CheckConstraint("case_review_id IS NOT NULL OR kind = 'withdrawn'", name="between_reviews"),
    CheckConstraint("due_on IS NULL OR kind = 'kept'", name="due_on"),
)

letter = Table(
    "letter",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    _uuid("case_review_id"),
    _registry_id("recipient_id"),
    Column("language", Text, nullable=False),
    # The content of the letter. It is stored so that later changes of the registry do not change
    # the letter.
    Column("content", JSONB, nullable=False),
    Column("plain_text", Text, nullable=False),
    Column("pdf", LargeBinary, nullable=False),
    _instant("made_at", now=True),
    ForeignKeyConstraint(
        ["patient_id", "case_review_id"],
        ["review.case_review.patient_id", "review.case_review.id"],
    ),
    UniqueConstraint("patient_id", "case_review_id", "recipient_id"),
)

delivery = Table(
    "delivery",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    _uuid("case_review_id"),
    _registry_id("recipient_id"),
    Column("channel", Text, nullable=False),
    # 0 is the letter itself. Numbers above 0 are its reminders. Numbers below 0 are notices that a
    # line was withdrawn between reviews. The text of a notice is in the column ``notice``.
    Column("reminder", Integer, nullable=False, server_default=text("0")),
    Column("state", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    _instant("queued_at", now=True),
    _instant("next_attempt_at", nullable=True),
    _instant("sent_at", nullable=True),
    Column("error", Text, nullable=True),
    # How the letter was sent; null before it is sent. A letter written to a folder has not been
    # mailed yet.
    Column("transport", Text, nullable=True),
    # When, by whom and how the recipient was told in another way, after the delivery failed.
    _instant("settled_at", nullable=True),
    _registry_id("settled_by", nullable=True),
    Column("settled_how", Text, nullable=True),
    _uuid("settlement_id", nullable=True),
    Column("notice", Text, nullable=True),
    ForeignKeyConstraint(
        ["patient_id", "case_review_id"],
        ["review.case_review.patient_id", "review.case_review.id"],
    ),
    ForeignKeyConstraint(
        ["patient_id", "settlement_id"],
        ["review.settlement.patient_id", "review.settlement.id"],
    ),
    UniqueConstraint(
        "patient_id",
        "case_review_id",
        "recipient_id",
        "channel",
        "reminder",
        # The naming convention would give a name that is too long for PostgreSQL.
        name="delivery_once_key",
    ),
    Index(
        "delivery_queued",
        "next_attempt_at",
        postgresql_where=text("state = 'queued'"),
    ),
    Index("delivery_failed", "patient_id", postgresql_where=text("state = 'failed'")),
    _one_of("channel", Channel),
    _one_of("state", DeliveryState),
    _one_of("transport", MailTransport),
    _one_of("settled_how", ToldBy),
    CheckConstraint("(reminder < 0) = (settlement_id IS NOT NULL)", name="withdrawal"),
    CheckConstraint("(reminder < 0) = (notice IS NOT NULL)", name="notice"),
    CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled_by"),
    CheckConstraint("(settled_at IS NULL) = (settled_how IS NULL)", name="settled"),
)

answer_link = Table(
    "answer_link",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    _uuid("case_review_id"),
    _registry_id("recipient_id"),
    _instant("made_at", now=True),
    _instant("expires_at"),
    _instant("used_at", nullable=True),
    # The id of a link identifies the GP, and every policy looks the link up by its id.
    Index("answer_link_id", "id", unique=True),
    ForeignKeyConstraint(
        ["patient_id", "case_review_id"],
        ["review.case_review.patient_id", "review.case_review.id"],
    ),
)

incident = Table(
    "incident",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    _uuid("case_review_id"),
    _registry_id("practitioner_id"),
    Column("description", Text, nullable=False),
    _instant("noted_at", now=True),
    ForeignKeyConstraint(
        ["patient_id", "case_review_id"],
        ["review.case_review.patient_id", "review.case_review.id"],
    ),
)

emergency_access = Table(
    "emergency_access",
    metadata,
    _registry_id("patient_id", primary_key=True),
    _uuid(primary_key=True),
    # The episode by which the record was found. The access is to the whole record.
    _registry_id("episode_id"),
    _registry_id("practitioner_id"),
    Column("reason", Text, nullable=False),
    Column("explanation", Text, nullable=False),
    _instant("begun_at", now=True),
    _instant("ends_at"),
    _instant("ended_at", nullable=True),
    Index("emergency_access_practitioner", "practitioner_id", "ends_at"),
    Index("emergency_access_begun", "begun_at"),
    _one_of("reason", EmergencyReason),
    CheckConstraint("length(btrim(explanation)) >= 10", name="explanation"),
    CheckConstraint("ends_at <= begun_at + interval '1 hour'", name="hour"),
)

access_log = Table(
    "access_log",
    metadata,
    _uuid(primary_key=True),
    _instant("at", now=True),
    _registry_id("practitioner_id", nullable=True),
    Column("action", Text, nullable=False),
    _registry_id("patient_id", nullable=True),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    # The client's address as the server saw it.
    Column("address", Text, nullable=True),
    Column("sign_in", Text, nullable=True),
    # The practitioner's role and the reason for the access. A trigger sets both.
    Column("role", Text, nullable=True),
    Column("why", Text, nullable=True),
    Index("access_log_practitioner", "practitioner_id", "at"),
    Index("access_log_patient", "patient_id", "at"),
    Index("access_log_at", "at"),
    _one_of("why", AccessReason),
)

access_chain = Table(
    "access_chain",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _uuid("log_id"),
    Column("hash", LargeBinary, nullable=False),
)

access_head = Table(
    "access_head",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    # The number of the first row that is kept, and the digest of the last row that was removed.
    Column("kept_from", BigInteger, nullable=False),
    Column("kept_hash", LargeBinary, nullable=False),
)


def _counts(*names: str) -> list[Column[int]]:
    return [Column(name, Integer, nullable=False) for name in names]


# Tables of counts that only leads see. The counts are rounded to steps. They are recomputed for all
# sites of an area, from the exact counts in the tables ``exact_…``.

site_counted = Table(
    "site_counted",
    metadata,
    _registry_id("site_id", primary_key=True),
    # The time and the day of the counts. The day is null before the first count and after a change
    # of the records.
    _instant("counted_at", nullable=True),
    Column("as_of", Date, nullable=True),
    # The time at which the exact counts were made, and the time at which they were rounded to
    # steps.
    _instant("exactly_at", nullable=True),
    _instant("protected_at", nullable=True),
)


def _months(name: str) -> Table:
    return Table(
        name,
        metadata,
        # In these two columns, ``all`` stands for all kinds or all severities together.
        Column("kind", Text, primary_key=True),
        Column("severity", Text, primary_key=True),
        _registry_id("site_id", primary_key=True),
        # 0 stands for cases without a nurse.
        _registry_id("nurse_id", primary_key=True),
        Column("month", Date, primary_key=True),
        *_counts(*(column for indicator in INDICATORS.values() for column in indicator.columns)),
        Index(f"{name}_site", "site_id"),
    )


def _waits(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("wait", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("severity", Text, primary_key=True),
        _registry_id("site_id", primary_key=True),
        _registry_id("nurse_id", primary_key=True),
        Column("month", Date, primary_key=True),
        Column("days", Integer, primary_key=True),
        *_counts("cases"),
        Index(f"{name}_site", "site_id"),
    )


def _work(name: str) -> Table:
    return Table(
        name,
        metadata,
        _registry_id("site_id", primary_key=True),
        _registry_id("nurse_id", primary_key=True),
        *_counts(
            "open_episodes",
            "never_reviewed",
            "questions_late",
            "advice_unanswered",
            "letters_failed",
        ),
    )


site_month, exact_month = _months("site_month"), _months("exact_month")
site_wait, exact_wait = _waits("site_wait"), _waits("exact_wait")
site_work, exact_work = _work("site_work"), _work("exact_work")
"""The tables of the counts rounded to steps, which leads read, and of the exact counts.

Many exact counts are small, so the application may not read them.
"""

# The secret from which the steps are chosen. It never changes in a database.
count_secret = Table(
    "count_secret",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("secret", Text, nullable=False),
)

# The number of cases that waited, over all days, kinds and severities.
site_waited = Table(
    "site_waited",
    metadata,
    Column("wait", Text, primary_key=True),
    _registry_id("site_id", primary_key=True),
    _registry_id("nurse_id", primary_key=True),
    Column("month", Date, primary_key=True),
    *_counts("cases"),
    Index("site_waited_site", "site_id"),
)

# The sums over all sites, for leads who watch all sites.

every_month = Table(
    "every_month",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("severity", Text, primary_key=True),
    Column("month", Date, primary_key=True),
    *_counts(*(column for indicator in INDICATORS.values() for column in indicator.columns)),
)

every_wait = Table(
    "every_wait",
    metadata,
    Column("wait", Text, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("days", Integer, primary_key=True, autoincrement=False),
    *_counts("cases"),
)

nurse_counted = Table(
    "nurse_counted",
    metadata,
    _registry_id("nurse_id", primary_key=True),
    # The time at which a process claimed the nurse, and the time and day of the last completed
    # count.
    _instant("claimed_at"),
    _instant("counted_at", nullable=True),
    Column("as_of", Date, nullable=True),
    # The hash of the claim. The process that has the claim reads with the nurse's rights while it
    # counts.
    Column("claim_hash", Text, nullable=True),
    Index("nurse_counted_claim", "claim_hash", unique=True),
)

nurse_tier = Table(
    "nurse_tier",
    metadata,
    _registry_id("nurse_id", primary_key=True),
    _registry_id("site_id", primary_key=True),
    Column("tier", Integer, primary_key=True, autoincrement=False),
    *_counts("episodes"),
    # False for counts of an earlier version, which did not round counts to steps.
    Column("in_steps", Boolean, nullable=False, server_default=false()),
    Index("nurse_tier_site", "site_id"),
)

# The imports of files into the registry. Each relation of an import has one row, with numbers only.
registry_import = Table(
    "registry_import",
    metadata,
    _uuid("import_id", primary_key=True),
    Column("relation", Text, primary_key=True),
    _instant("at", now=True),
    Column("as_of", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    *_counts("read", "added", "changed", "removed", "kept", "same", "refused"),
    Index("registry_import_at", "at"),
    _one_of("outcome", ImportOutcome),
)
