"""The tables of the organisation's own system, as its vendor might have named them."""

from sqlalchemy import Column, Date, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

notice = Table("sample_notice", metadata, Column("notice", String(100), primary_key=True))
NOTICE = "虚构数据：本库由 revisit 的演示程序生成 / invented data"


def _table(name: str, key: str, *columns: Column[str], versions: bool = True) -> Table:
    """A table whose rows are versions of one business number, shown from a day on."""
    first: list[Column[int]] = [Column("revision", Integer, nullable=False)] if versions else []
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column(key, String(40), nullable=False),
        *first,
        Column("visible_from", Date, nullable=False),
        *columns,
        Index(f"ix_{name}_{key}", key, *(["revision"] if versions else []), "visible_from"),
    )


def _words(*names: str) -> list[Column[str]]:
    return [Column(name, String(80)) for name in names]


staff = Table(
    "staff",
    metadata,
    Column("staff_no", String(20), primary_key=True),
    *_words("name", "department_code", "area_code", "post"),
)
service_area = Table(
    "service_area",
    metadata,
    Column("area_code", String(20), primary_key=True),
    *_words("name", "department_code", "line_code"),
)
resident = _table("resident", "resident_no", *_words("name", "phone", "area_code", "address", "do_not_contact"))
_WHERE = ("line_code", "area_code", "department_code", "resident_no")
work_order = _table(
    "work_order", "order_no", *_words("order_type", *_WHERE, "item"), Column("content", Text),
    *_words("ordered_at", "completed_at", "status"),
)  # fmt: skip
complaint = _table(
    "complaint", "complaint_no", *_words(*_WHERE, "severity", "item"), Column("content", Text),
    *_words("reported_at", "closed_at", "status"),
)  # fmt: skip
contract = _table("contract", "contract_no", *_words(*_WHERE, "service", "signed_on", "starts_on", "ends_on", "status"))
help_record = _table(
    "help_record", "help_no", *_words(*_WHERE, "category", "item"), Column("content", Text),
    *_words("called_at", "ended_at", "status"),
)  # fmt: skip
activity_recipient = _table(
    "activity_recipient", "recipient_no", *_words("occasion_no", "form", "title", *_WHERE, "received_at", "status")
)
old_revisit = _table(
    "old_revisit",
    "record_no",
    *_words(
        "of_table", "of_number", "clause", "visited_on", "result", "channel", "visitor", "satisfaction", "suggestions"
    ),
    versions=False,
)
