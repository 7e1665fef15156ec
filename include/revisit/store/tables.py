"""The tables: the nouns of the glossary, and the keys that make every step safe to repeat."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _task_key() -> list[Column[int]]:
    """The key that a decision, its task and everything that follows share."""
    return [
        Column("event_id", BigInteger, primary_key=True),
        Column("rule_id", Integer, primary_key=True),
        Column("round", SmallInteger, primary_key=True),
    ]


calendar_day = Table(
    "calendar_day",
    metadata,
    Column("calendar", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("is_workday", Boolean, nullable=False),
    Column("workday_number", Integer, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("provisional", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Index("ix_calendar_day_number", "calendar", "workday_number", "day"),
)

department = Table(
    "department",
    metadata,
    Column("department", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("mail", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("head_mail", Text, nullable=False),
)

area = Table(
    "area",
    metadata,
    Column("area", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("department", Text, ForeignKey("department.department"), nullable=False),
    Column("administrator", Text, nullable=False),
)

customer = Table(
    "customer",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("do_not_contact", Boolean, nullable=False, server_default=text("false")),
    Column("line", Text),
    Column("department", Text),
    Column("area", Text),
    Column("attributes", JSONB),
    Index("ix_customer_line", "line", postgresql_where=text("line is not null")),
    Index("ix_customer_do_not_contact", "customer", postgresql_where=text("do_not_contact")),
)

staff = Table(
    "staff",
    metadata,
    Column("staff", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("department", Text),
    Column("hired_on", Date),
    Column("left_on", Date),
    Column("attributes", JSONB),
)

pack_version = Table(
    "pack_version",
    metadata,
    Column("pack_version_id", Integer, Identity(), primary_key=True),
    Column("pack", Text, nullable=False),
    Column("document_code", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_until", Date),
    Column("time_zone", Text, nullable=False),
    Column("standing_since", Text),
    Column("standing_months", Integer),
    Column("sha256", Text, nullable=False),
    Column("definition", JSONB, nullable=False),
    Column("on_default", ARRAY(Text), nullable=False),
    Column("activated_by", Text, nullable=False),
    Column("activated_on", Date, nullable=False),
    UniqueConstraint("pack", "effective_from"),
)

pack_use = Table(
    "pack_use",
    metadata,
    Column("pack", Text, primary_key=True),
    Column("line", Text, primary_key=True),
    Column("adopted_on", Date, nullable=False),
)

quota = Table(
    "quota",
    metadata,
    Column("quota_id", Integer, Identity(), primary_key=True),
    Column("pack_version_id", Integer, ForeignKey("pack_version.pack_version_id"), nullable=False),
    Column("quota", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("numerator", BigInteger),
    Column("denominator", BigInteger),
    Column("decided", Text),
    Column("census_up_to", Integer, nullable=False),
    Column("monthly", Boolean, nullable=False),
    Column("per_department", Boolean, nullable=False),
    Column("per_area", Boolean, nullable=False),
    Column("per_occasion", Boolean, nullable=False),
    Column("completes_year", Boolean, nullable=False),
    UniqueConstraint("pack_version_id", "quota"),
)

rule = Table(
    "rule",
    metadata,
    Column("rule_id", Integer, Identity(), primary_key=True),
    Column("pack_version_id", Integer, ForeignKey("pack_version.pack_version_id"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text),
    Column("round", SmallInteger, nullable=False),
    Column("predicate", Text),
    Column("outranked", Text),
    Column("needs", ARRAY(Text)),
    Column("day_ends", Time),
    Column("anchor", Text, nullable=False),
    Column("opens_days", Integer),
    Column("opens_months", Integer),
    Column("opens_workdays", Integer),
    Column("due_days", Integer),
    Column("due_months", Integer),
    Column("due_workdays", Integer),
    Column("lasts_days", Integer),
    Column("opens_share", ARRAY(Integer)),
    Column("due_share", ARRAY(Integer)),
    Column("rolls", Boolean, nullable=False),
    Column("quota_id", Integer, ForeignKey("quota.quota_id")),
    Column("draws", Boolean, nullable=False),
    Column("conditions", ARRAY(Text)),
    Column("first_rule", Text),
    Column("repeat_at_least", Integer),
    Column("repeat_months", Integer),
    Column("repeat_calendar", Boolean),
    Column("repeat_in_a_row", Boolean),
    Column("after_rule", Text),
    Column("after_predicate", Text),
    Column("after_issue", Text),
    Column("recurs", Boolean, nullable=False),
    Column("recur_days", Integer),
    Column("recur_half_months", Integer),
    Column("recur_months", Integer),
    Column("recur_workdays", Integer),
    Column("recur_opens_days", Integer),
    Column("recur_opens_months", Integer),
    Column("recur_until", ARRAY(Text)),
    Column("recur_at_most", SmallInteger),
    Column("recur_agreed", Boolean, nullable=False),
    Column("recur_rolls", Boolean, nullable=False),
    Column("attempts_at_least", SmallInteger),
    Column("attempts_apart_days", SmallInteger),
    Column("attempts_before_end_days", SmallInteger),
    Column("is_followed", Boolean, nullable=False),
    UniqueConstraint("pack_version_id", "rule"),
    Index("ix_rule_kind", "kind"),
)

rate_decision = Table(
    "rate_decision",
    metadata,
    Column("parameter", Text, primary_key=True),
    Column("period", Date, primary_key=True),
    Column("numerator", BigInteger, nullable=False),
    Column("denominator", BigInteger, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("batch_id", BigInteger, Identity(), primary_key=True),
    Column("source", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("origin", Text, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("rows_accepted", BigInteger, nullable=False),
    Column("rows_unchanged", BigInteger, nullable=False),
    Column("rows_refused", BigInteger, nullable=False),
    Column("rows_changed", BigInteger, nullable=False),
    Column("judged", Boolean),
    Column("expectations", JSONB),
    Column("finished_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("rows_read = rows_accepted + rows_unchanged + rows_refused", name="conserved"),
    CheckConstraint("least(rows_accepted, rows_unchanged, rows_refused) >= 0", name="counted"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("source", Text, primary_key=True),
    Column("row_hash", Text, primary_key=True),
    Column("batch_id", BigInteger, ForeignKey("batch.batch_id"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("event_key", Text),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("row", JSONB, nullable=False),
    Column("refused_on", Date, nullable=False),
    Column("resolved_batch_id", BigInteger, ForeignKey("batch.batch_id")),
    Index("ix_quarantine_open", "source", "event_key", postgresql_where=text("resolved_batch_id is null")),
)


def _facts() -> list[Column[object]]:
    """The canonical form of an event."""
    return [
        Column("source", Text, nullable=False),
        Column("event_key", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("line", Text, nullable=False),
        Column("happened_at", DateTime(timezone=True), nullable=False),
        Column("starts_on", Date),
        Column("ends_on", Date),
        Column("customer", Text),
        Column("department", Text),
        Column("area", Text),
        Column("matter", Text),
        Column("source_matter", Text),  # what the source calls it, where people merged it into another
        Column("severity", Text),
        Column("occasion", Text),
        Column("subject", Text),
        Column("cancelled", Boolean, nullable=False),
        Column("attributes", JSONB),
    ]


event = Table(
    "event",
    metadata,
    Column("event_id", BigInteger, Identity(), primary_key=True),
    *_facts(),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("batch_id", BigInteger, nullable=False),
    Column("first_batch_id", BigInteger, nullable=False),
    Column("received_on", Date, nullable=False),
    UniqueConstraint("source", "event_key"),
    Index("ix_event_batch_id", "batch_id"),
    Index("ix_event_corrected", "batch_id", postgresql_where=text("first_batch_id <> batch_id")),
    Index("ix_event_customer", "customer"),
)

event_version = Table(
    "event_version",
    metadata,
    Column("event_id", BigInteger, primary_key=True),
    Column("version", Integer, primary_key=True),
    *_facts(),
    Column("batch_id", BigInteger, nullable=False),
    Column("received_on", Date, nullable=False),
    comment="Versions of events that a newer one has replaced; the newest stands in event. Rows are only ever added.",
)

matter_merge = Table(
    "matter_merge",
    metadata,
    Column("merge_id", BigInteger, Identity(), primary_key=True),
    Column("line", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("matter", Text, nullable=False),
    Column("into_matter", Text, nullable=False),
    Column("merged_on", Date, nullable=False),
    Column("merged_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("undone_on", Date),
    Column("undone_by", Text),
    Column("undo_reason", Text),
    CheckConstraint("matter <> into_matter", name="apart"),
    CheckConstraint("num_nulls(undone_on, undone_by, undo_reason) in (0, 3)", name="undone"),
    Index(
        "ix_matter_merge_standing", "line", "kind", "customer", "matter",
        unique=True, postgresql_where=text("undone_on is null"),
    ),
    Index("ix_matter_merge_customer", "customer"),
    comment="What people said is one matter of a customer. A merge is never deleted; undoing it is written beside it.",
)  # fmt: skip

planned_batch = Table(
    "planned_batch",
    metadata,
    Column("pack_version_id", Integer, primary_key=True),
    Column("batch_id", BigInteger, primary_key=True),
    Column("line", Text, primary_key=True),
    Column("planned_on", Date, nullable=False),
)

draw = Table(
    "draw",
    metadata,
    Column("quota_id", Integer, ForeignKey("quota.quota_id"), primary_key=True),
    Column("stratum", Text, primary_key=True),
    Column("batch_id", BigInteger, primary_key=True),
    Column("eligible", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("eligible_withdrawn", Integer, nullable=False, server_default="0"),
    Column("drawn_withdrawn", Integer, nullable=False, server_default="0"),
    Column("key_fingerprint", Text, nullable=False),
    comment="How many joined a stratum with a batch and how many of them were drawn. The sum over a stratum is exact.",
)

draw_share = Table(
    "draw_share",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("rule_id", Integer, primary_key=True, autoincrement=False),
    Column("quota_id", Integer, ForeignKey("quota.quota_id"), nullable=False),
    Column("stratum", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("leads", Boolean, nullable=False),
    Column("counted", Boolean, nullable=False),
    Index("ix_draw_share_customer", "quota_id", "stratum", "customer"),
    Index(
        "ix_draw_share_leads", "quota_id", "stratum", "customer", unique=True, postgresql_where=text("leads"),
    ),
    comment="Which events share their customer's place in a draw that counts customers, the one that leads came first. "
    "A customer is in the count of the stratum while one of them is counted.",
)  # fmt: skip

substitution = Table(
    "substitution",
    metadata,
    Column("substitution_id", BigInteger, Identity(), primary_key=True),
    Column("quota_id", Integer, ForeignKey("quota.quota_id"), nullable=False),
    Column("stratum", Text, nullable=False),
    Column("event_out", BigInteger, nullable=False),
    Column("rule_out", Integer, ForeignKey("rule.rule_id"), nullable=False),
    Column("event_in", BigInteger, nullable=False),
    Column("rule_in", Integer, ForeignKey("rule.rule_id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("substituted_by", Text, nullable=False),
    Column("substituted_on", Date, nullable=False),
    UniqueConstraint("event_out", "rule_out"),
    UniqueConstraint("event_in", "rule_in"),
    Index("ix_substitution_quota_id", "quota_id"),
    CheckConstraint("reason in ('moved', 'unreachable', 'absent', 'deceased')", name="reason"),
    comment="Places of a draw that were given on: the log, and what a rebuild replays. The rules are those that draw. Rows are "
    "only ever added; names and notes are emptied with the pack's retention.",
)

OUTCOMES = ("due", "not_drawn", "suppressed", "out_of_scope", "superseded", "awaiting")

decision = Table(
    "decision",
    metadata,
    *_task_key(),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("anchor_on", Date),
    Column("opens_on", Date),
    Column("due_on", Date),
    Column("provisional", Boolean, nullable=False),
    Column("quota_id", Integer),
    Column("stratum", Text),
    Column("draw_position", Integer),
    Column("drawn", Boolean),
    Column("decided_on", Date, nullable=False),
    CheckConstraint(f"outcome in {OUTCOMES}", name="outcome"),
    Index("ix_decision_anchor_on", "anchor_on"),
    Index("ix_decision_condition_met", "event_id", postgresql_where=text("reason = 'condition_met'")),
    Index("ix_decision_conditional", "due_on", postgresql_where=text("reason = 'condition'")),
    Index("ix_decision_undecided_rate", "quota_id", postgresql_where=text("reason = 'rate'")),
)

OPEN_STATES = ("planned", "issued", "signed")
TASK_STATES = (*OPEN_STATES, "done", "late", "unreached", "expired", "superseded")

task = Table(
    "task",
    metadata,
    *_task_key(),
    Column("customer", Text),
    Column("department", Text),
    Column("area", Text),
    Column("opens_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_on", Date, nullable=False),
    CheckConstraint(f"state in {TASK_STATES}", name="state"),
    Index("ix_task_open", "due_on", postgresql_where=text("state in ('planned', 'issued', 'signed')")),
)

list_ = Table(
    "list",
    metadata,
    Column("list_id", BigInteger, Identity(), primary_key=True),
    Column("department", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("part", SmallInteger, nullable=False),
    Column("batch_code", Text, nullable=False, unique=True),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text),
    Column("signed_by", Text),
    Column("signed_on", Date),
    UniqueConstraint("department", "issued_on", "part"),
)

list_issue = Table(
    "list_issue",
    metadata,
    Column("list_id", BigInteger, ForeignKey("list.list_id"), primary_key=True),
    Column("issue_id", BigInteger, ForeignKey("issue.issue_id"), primary_key=True),
    Index("ix_list_issue_issue_id", "issue_id"),
)

list_line = Table(
    "list_line",
    metadata,
    *_task_key(),
    Column("list_id", BigInteger, ForeignKey("list.list_id"), nullable=False),
    Column("line", Integer, nullable=False),
    Column("call_sheet", Text, nullable=False),
    Column("lead_role", Text, nullable=False),
    Column("lead_name", Text, nullable=False),
    Column("assignment_clause", Text, nullable=False),
    Column("joint_department", Text),
    Column("planned_on", Date),
    Column("channels", ARRAY(Text)),
    UniqueConstraint("list_id", "line"),
    Index("ix_list_line_planned_on", "planned_on", postgresql_where=text("planned_on is not null")),
)

returned_file = Table(
    "returned_file",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("list_id", BigInteger, ForeignKey("list.list_id")),
    Column("collected_on", Date, nullable=False),
    Column("rows_answered", Integer, nullable=False),
    Column("rows_accepted", Integer, nullable=False),
    Column("rows_unchanged", Integer, nullable=False),
    Column("rows_refused", Integer, nullable=False),
    Column("error", Text),
)

record = Table(
    "record",
    metadata,
    Column("record_id", BigInteger, Identity(), primary_key=True),
    Column("event_id", BigInteger, nullable=False),
    Column("rule_id", Integer, nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("recorded_on", Date, nullable=False),
    Column("visited_on", Date, nullable=False),
    Column("contacted_at", Time),
    Column("in_preferred_hours", Boolean),
    Column("agreed_on", Date),
    Column("result", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("visitor", Text, nullable=False),
    Column("joint_visitor", Text, nullable=False, server_default=""),
    Column("customer_signed", Boolean, nullable=False),
    Column("ratings", JSONB, nullable=False),
    Column("texts", JSONB, nullable=False),
    Column("unsatisfactory", Boolean, nullable=False),
    Column("unsolved", Boolean, nullable=False),
    Column("second_visit_wanted", Boolean, nullable=False),
    Column("category", Text),
    Column("returned_sha256", Text, ForeignKey("returned_file.sha256")),
    UniqueConstraint("event_id", "rule_id", "round", "content_hash"),
    Index("ix_record_rule_id", "rule_id"),
    Index("ix_record_recorded_on", "recorded_on"),
    Index("ix_record_wanting", "event_id", postgresql_where=text("unsatisfactory or second_visit_wanted")),
    CheckConstraint("result in ('reached', 'unreached', 'refused')", name="result"),
)

review = Table(
    "review",
    metadata,
    Column("review_id", BigInteger, Identity(), primary_key=True),
    Column("record_id", BigInteger, ForeignKey("record.record_id", ondelete="CASCADE"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("asked_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("list_id", BigInteger, ForeignKey("list.list_id")),
    Column("reviewed_on", Date),
    Column("reviewer", Text),
    Column("opinion", Text),
    Column("accurate", Boolean),
    Column("returned_sha256", Text, ForeignKey("returned_file.sha256")),
    UniqueConstraint("record_id", "purpose"),
    CheckConstraint("purpose in ('review', 'audit')", name="purpose"),
    Index("ix_review_open", "due_on", postgresql_where=text("reviewed_on is null")),
    comment="What somebody else says of a record: a review of each one, or an audit of a share of a month's.",
)

issue = Table(
    "issue",
    metadata,
    Column("issue_id", BigInteger, Identity(), primary_key=True),
    Column("event_id", BigInteger, nullable=False),
    Column("rule_id", Integer, nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("department", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("raised_on", Date, nullable=False),
    Column("received_on", Date),
    Column("due_on", Date),
    Column("first_due_on", Date),
    Column("provisional", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_on", Date, nullable=False),
    Column("category", Text),
    Column("assists", Text),
    UniqueConstraint("event_id", "rule_id", "round"),
    CheckConstraint("state in ('raised', 'planned', 'solved')", name="state"),
    Index("ix_issue_open", "due_on", postgresql_where=text("state <> 'solved'")),
)

response = Table(
    "response",
    metadata,
    Column("issue_id", BigInteger, ForeignKey("issue.issue_id"), primary_key=True),
    Column("content_hash", Text, primary_key=True),
    Column("responded_on", Date, nullable=False),
    Column("responder", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("solution", Text, nullable=False),
    Column("extension_until", Date),
    Column("extension_reason", Text, nullable=False),
    Column("extension_approver", Text, nullable=False),
    Column("solved", Boolean, nullable=False),
    Column("returned_sha256", Text, ForeignKey("returned_file.sha256")),
)

chase = Table(
    "chase",
    metadata,
    Column("issue_id", BigInteger, ForeignKey("issue.issue_id"), primary_key=True),
    Column("due_on", Date, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("taken_on", Date, nullable=False),
    Column("told", Text, nullable=False),
)

OUTBOX_STATES = ("queued", "sending", "transmitting", "sent", "uncertain", "failed")

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_key", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("subject", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("resend_uncertain", Boolean, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("token", BigInteger, nullable=False, server_default="0"),
    Column("leased_until", DateTime(timezone=True)),
    Column("retry_at", DateTime(timezone=True)),
    Column("sent_at", DateTime(timezone=True)),
    Column("error", Text),
    UniqueConstraint("kind", "subject_key", "recipient", "period"),
    CheckConstraint(f"state in {OUTBOX_STATES}", name="state"),
    Index("ix_outbox_unsent", "state", postgresql_where=text("state in ('queued', 'sending', 'transmitting')")),
)

report = Table(
    "report",
    metadata,
    Column("report_id", BigInteger, Identity(), primary_key=True),
    Column("pack", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("cut_off", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("snapshot", JSONB),
    Column("snapshot_sha256", Text),
    Column("html_sha256", Text),
    Column("pdf_sha256", Text),
    Column("xlsx_sha256", Text),
    Column("drafted_by", Text, nullable=False),
    Column("reviewed_by", Text),
    Column("review_comment", Text),
    Column("reviewed_at", DateTime(timezone=True)),
    Column("approved_by", Text),
    Column("decision", Text),
    Column("approved_at", DateTime(timezone=True)),
    UniqueConstraint("pack", "period", "revision"),
    CheckConstraint("state in ('drafted', 'reviewed', 'approved', 'sent', 'returned')", name="state"),
)

report_row = Table(
    "report_row",
    metadata,
    Column("report_id", BigInteger, ForeignKey("report.report_id"), primary_key=True),
    Column("metric", Text, primary_key=True),
    *_task_key(),
    Column("department", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("person", Text, nullable=False, server_default=""),  # whose duty it was, where the report is by person too
    Column("standing", Text, nullable=False),
    Column("drawn", Boolean, nullable=False),
    Column("customer", Text),
    comment="Which rows stand behind a figure, and as what, at the cut-off. Frozen with the report. `customer` where each is "
    "counted once.",
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
)
