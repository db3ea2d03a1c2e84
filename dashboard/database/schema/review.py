"""The dashboard's own schema, ``review``.

Ids are UUIDs made by the application, and the keys of tables about patients begin with
``patient_id``, so that the tables can be distributed over several servers by patient. Columns with
ids of the registry have no foreign keys, because the registry has another owner and may consist of
views.
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
    # The hash of the password; null if only the site's identity provider authenticates the person,
    # or if an invited person has not chosen a password yet, also after a reset.
    Column("password_hash", Text, nullable=True),
    _instant("created_at", now=True),
    _instant("locked_at", nullable=True),
    _instant("last_sign_in_at", nullable=True),
    # The language that the person chose for pages and letters; null if the person chose none.
    Column("language", Text, nullable=True),
    # The time at which the person closed the introduction to the dashboard; null if not closed yet.
    _instant("introduced_at", nullable=True),
    # True until the person has chosen a password: after an invitation or a reset, or if somebody
    # else has set the password.
    Column("password_is_temporary", Boolean, nullable=False, server_default=text("false")),
    # Hashes of the previous passwords, latest first. These passwords cannot be chosen again.
    Column("old_password_hashes", ARRAY(Text), nullable=False, server_default="{}"),
)

# A person's second factor: the secret of the app that makes the codes, and the recovery codes.
second_factor = Table(
    "second_factor",
    metadata,
    _registry_id("practitioner_id", primary_key=True),
    # The secret is encrypted with a key from the settings, so that nobody can make codes from the
    # database alone.
    Column("secret", LargeBinary, nullable=False),
    _instant("enrolled_at", now=True),
    # The time step of the last accepted code. Codes of this and earlier steps are not accepted.
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
    # The step that the person must still complete after the password; null if there is none.
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

# Changes of accounts by a medical lead or by the owner of the database. Each row is also the mail
# that tells the account's holder. A row with ``expires_at`` is an invitation, whose mail has a link
# for choosing a password.
account_notice = Table(
    "account_notice",
    metadata,
    _uuid(primary_key=True),
    _registry_id("practitioner_id"),
    Column("action", Text, nullable=False),
    # The medical lead who changed the account; null if the owner of the database did it.
    _registry_id("made_by", nullable=True),
    _instant("made_at", now=True),
    _instant("expires_at", nullable=True),
    _instant("used_at", nullable=True),
    # The time at which an unused invitation became invalid, because of a later invitation or a
    # lock.
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

# The calendar feed of a practitioner. Its address contains a token, whose digest is stored.
calendar_feed = Table(
    "calendar_feed",
    metadata,
    _registry_id("practitioner_id", primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    _instant("renewed_at", now=True),
)

# Files for download, each encrypted with a key derived from the token of its owner's sign-in. Any
# server process can deliver a file for two minutes. The table is UNLOGGED, because the files are
# needed neither after a crash nor in a backup.
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
    # This index prevents two clicks from creating the same cover twice.
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
    # The agenda item that both people in the meeting see, and the time at which they opened it.
    _uuid("current_item_id", nullable=True),
    _instant("turned_at", nullable=True),
    _instant("last_seen_at", nullable=True),
    # The length of the meeting in minutes; null if it was not chosen.
    Column("minutes", Integer, nullable=True),
    # ``due_cases`` is the number of cases in tiers 0 to 2. ``room`` is the number of cases for
    # which the meeting has time. Both are stored when the agenda is made.
    Column("due_cases", Integer, nullable=True),
    Column("room", Integer, nullable=True),
    Index("meeting_psychiatrist", "psychiatrist_id", "held_on"),
    Index("meeting_nurse", "nurse_id", "held_on"),
    # This index prevents a second open meeting of the same psychiatrist and nurse.
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
    # The patient's tier on the review list at the removal.
    Column("removed_in_tier", Integer, nullable=True),
    Column("outcome", Text, nullable=True),
    Column("reason", Text, nullable=True),
    _uuid("case_review_id", nullable=True),
    _instant("decided_at", nullable=True),
    _registry_id("decided_by", nullable=True),
    # The ids of the registry's rows about the case when the meeting began, because the registry
    # does not say when a row was added.
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
    # ``seen`` has the rows of the case in the practitioner's latest look, and ``seen_before`` those
    # of the look before (clinical.case.last_look). If the practitioner marks the case as not seen,
    # ``seen_before`` becomes ``seen``.
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
    # If a colleague signed the review as the cover, the psychiatrist of the episode; otherwise
    # null.
    _registry_id("covered_id", nullable=True),
    Column("outcome", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("next_review_on", Date, nullable=True),
    Column("seen", JSONB, nullable=False),
    _instant("signed_at", now=True),
    _uuid("supersedes", nullable=True),
    _uuid("idempotency_key"),
    # Null if the form had no question about the risk; ``not_assessed`` if the question was not
    # answered.
    Column("risk_level", Text, nullable=True),
    Column("risk_reassess_on", Date, nullable=True),
    # If the review has no recommendation of the kind ``safety``, the reason why none is needed.
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
    # For a switch of drugs, the drug that is stopped.
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

# Decisions about recommendations of earlier reviews, each of which is kept, replaced or withdrawn.
# A row without ``case_review_id`` is a withdrawal between two reviews.
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
    # All facts in the letter, as they were at signing. Later changes in the registry do not alter
    # them.
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
    # 0 for the letter itself. A positive number for a reminder. A negative number for a notice that
    # a recommendation was withdrawn between reviews; the column ``notice`` then has its text.
    Column("reminder", Integer, nullable=False, server_default=text("0")),
    Column("state", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    _instant("queued_at", now=True),
    _instant("next_attempt_at", nullable=True),
    _instant("sent_at", nullable=True),
    Column("error", Text, nullable=True),
    # How the letter was sent; null before that. A letter that was written to a folder must still be
    # sent by a person.
    Column("transport", Text, nullable=True),
    # If sending failed and a person told the recipient in another way: when, by whom and how.
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
        # The name is given here, because the generated name would be too long for PostgreSQL.
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
    # The id alone identifies a link and its GP, so the policies look the link up by the id.
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
    # The episode whose number the practitioner entered. The access is to the patient's whole
    # record.
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
    # The address of the browser, as the server received it.
    Column("address", Text, nullable=True),
    Column("sign_in", Text, nullable=True),
    # The practitioner's role, and the reason for the access. A trigger sets both.
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
    # The number of the chain's first row that is kept, and the digest of the row before it, which
    # was removed.
    Column("kept_from", BigInteger, nullable=False),
    Column("kept_hash", LargeBinary, nullable=False),
)


def _counts(*names: str) -> list[Column[int]]:
    return [Column(name, Integer, nullable=False) for name in names]


# The following tables have counts rounded to steps, which only medical leads can read. The counts
# of all sites of an area are rounded together, from the tables ``exact_…``.

site_counted = Table(
    "site_counted",
    metadata,
    _registry_id("site_id", primary_key=True),
    # ``counted_at`` is the time at which the site was counted, and ``as_of`` the day that the
    # counts describe. ``as_of`` is null if the site was never counted, or if the records have
    # changed.
    _instant("counted_at", nullable=True),
    Column("as_of", Date, nullable=True),
    # ``exactly_at`` is the time at which the site's exact counts were made. ``protected_at`` is the
    # time at which they were rounded to steps.
    _instant("exactly_at", nullable=True),
    _instant("protected_at", nullable=True),
)


def _months(name: str) -> Table:
    return Table(
        name,
        metadata,
        # ``all`` in one of these two columns stands for all kinds of sequence, or for all
        # severities.
        Column("kind", Text, primary_key=True),
        Column("severity", Text, primary_key=True),
        _registry_id("site_id", primary_key=True),
        # The nurse of the counted cases; 0 for cases without a nurse.
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
"""The tables ``site_…`` have the counts rounded to steps, which medical leads read.

The tables ``exact_…`` have the exact counts. Many of these are small, so the application may not
read them.
"""

# The secret that decides how counts are rounded to steps. It stays the same in a database.
count_secret = Table(
    "count_secret",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("secret", Text, nullable=False),
)

# The number of cases with a waiting time, for all numbers of days, kinds and severities together.
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

# The following tables have the sums over all sites, for medical leads who watch all sites.

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
    # ``claimed_at`` is the time at which a process last began to count the nurse's open episodes;
    # ``-infinity`` if none has. ``counted_at`` and ``as_of`` are the time and the day of the last
    # completed count. ``as_of`` is null if there is none yet, or if the records have changed.
    _instant("claimed_at"),
    _instant("counted_at", nullable=True),
    Column("as_of", Date, nullable=True),
    # The hash of the secret that lets the counting process read with the rights of the nurse.
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
    # False for counts of an earlier version of the program, which did not round them to steps.
    Column("in_steps", Boolean, nullable=False, server_default=false()),
    Index("nurse_tier_site", "site_id"),
)

# The history of registry imports: one row for each relation of an import, with numbers of rows.
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

# The patients and episodes that an import kept although the files no longer had them, until a file
# has them again.
kept_record = Table(
    "kept_record",
    metadata,
    _registry_id("patient_id", primary_key=True),
    Column("relation", Text, primary_key=True),
    _registry_id("id", primary_key=True),
    _instant("kept_at", now=True),
    _one_of("relation", ("patient", "episode")),
)
