"""The invented organisation: the same for a seed, as large as asked, with its dirt counted."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import create_engine, inspect, text

from revisit import resources
from revisit.errors import SourceError
from revisit.ingest.read import database_rows
from revisit.ingest.source import Source, load_source, load_sources
from revisit.policy.load import LoadedPack
from revisit.sample import Tables, generate, write
from revisit.sample.dirt import visible
from revisit.settings import Organisation, Workspace

EXAMPLE = Workspace(resources.folder("config") / "example")
EVENTS = ("work_order", "complaint", "contract", "help_record", "activity_recipient")
KEYS = ("order_no", "complaint_no", "contract_no", "help_no", "recipient_no")
KEY = b"a key for tests"


@pytest.fixture(scope="module")
def packs() -> dict[str, LoadedPack]:
    return {loaded.pack.pack: loaded for loaded in EXAMPLE.packs()}


@pytest.fixture(scope="module")
def sample(packs: dict[str, LoadedPack]) -> Tables:
    return generate(EXAMPLE.organisation, packs, draw_key=KEY)


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return {source.source: source for source in load_sources(EXAMPLE.folder / "sources")}


@pytest.fixture(scope="module")
def database(sample: Tables, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('sample') / 'source.db'}"
    write(sample, url)
    return url


def count(sample: Tables) -> int:
    """Business numbers, however many versions each has."""
    return sum(sample.frames[table][key].nunique() for table, key in zip(EVENTS, KEYS, strict=True))


def test_the_same_seed_gives_the_same_rows(sample: Tables, packs: dict[str, LoadedPack]) -> None:
    again = generate(EXAMPLE.organisation, packs, draw_key=KEY)
    assert again.planted == sample.planted
    for name, frame in sample.frames.items():
        pd.testing.assert_frame_equal(frame, again.frames[name])


def test_another_seed_gives_other_rows(sample: Tables, packs: dict[str, LoadedPack]) -> None:
    other = generate(EXAMPLE.organisation, packs, seed=1, draw_key=KEY)
    assert not other.frames["work_order"]["completed_at"].equals(sample.frames["work_order"]["completed_at"])


def test_it_is_as_large_as_asked(sample: Tables, packs: dict[str, LoadedPack]) -> None:
    large = generate(EXAMPLE.organisation, packs, events=30_000, draw_key=KEY)
    assert count(sample) == pytest.approx(6_000, rel=0.03)
    assert count(large) == pytest.approx(30_000, rel=0.03)
    assert large.frames["resident"]["resident_no"].nunique() == 9_000


def test_a_handful_of_events_still_gives_every_table(packs: dict[str, LoadedPack]) -> None:
    tiny = generate(EXAMPLE.organisation, packs, events=50)
    assert all(len(frame) for frame in tiny.frames.values())


def test_it_covers_thirteen_months(sample: Tables) -> None:
    assert (sample.period.first, sample.period.eve, sample.period.last) == (
        date(2025, 10, 1), date(2026, 9, 30), date(2026, 10, 31),
    )  # fmt: skip
    months = sample.frames["complaint"]["_day"].dt.to_period("M").nunique()
    assert months >= 13


def test_lines_areas_and_departments_are_the_workspaces_own(sample: Tables) -> None:
    organisation: Organisation = EXAMPLE.organisation
    orders = sample.frames["work_order"]
    good = orders[orders["_fault"] == ""]
    assert set(good["area_code"]) == {area.code for area in organisation.areas}
    assert set(good["line_code"]) == {use.line for use in organisation.packs}
    assert set(good["department_code"]) <= {department.code for department in organisation.departments}
    assert set(good.loc[good["order_type"] == "维修", "department_code"]) == {"JX-GC", "YQ-GC"}


def test_every_department_but_none_unknown_is_accused_of_something(sample: Tables) -> None:
    accused = set(sample.frames["complaint"]["department_code"]) - {"BM-99"}
    assert {"JX-GC", "JX-ZX", "JX-HJ", "YQ-GC", "YQ-ZX", "YQ-HJ"} <= accused


def test_air_conditioning_fails_in_summer(sample: Tables) -> None:
    orders = sample.frames["work_order"]
    months = orders.loc[orders["item"] == "空调故障", "_day"].dt.month.value_counts()
    assert months[7] > 3 * months[1]


def test_spring_festival_is_quiet(sample: Tables) -> None:
    days = sample.frames["work_order"]["_day"]
    festival = days.between("2026-02-15", "2026-02-21").sum()
    fortnight_later = days.between("2026-03-01", "2026-03-07").sum()
    assert festival < 0.6 * fortnight_later


def test_some_doors_have_the_same_repair_three_times_in_a_year(sample: Tables) -> None:
    orders = sample.frames["work_order"]
    repairs = orders[(orders["order_type"] == "维修") & (orders["revision"] == 1)]
    assert (repairs.groupby(["resident_no", "item"])["order_no"].nunique() >= 3).sum() >= 20


@pytest.mark.parametrize("table", [*EVENTS, "resident", "old_revisit"])
def test_every_fault_that_is_counted_is_planted_at_least_once(sample: Tables, table: str) -> None:
    assert all(planted >= 1 for planted in sample.planted[table].values())


def test_the_counts_of_the_faults_are_those_in_the_rows(sample: Tables) -> None:
    planted, orders = sample.planted["work_order"], sample.frames["work_order"]
    first = orders[orders["revision"] == 1]
    assert (first["completed_at"] == "2026-13-40").sum() == planted["impossible_date"]
    assert (first["area_code"] == "QT99").sum() == planted["unknown_area"]
    assert first["order_type"].isna().sum() == planted["blank_type"]
    assert (first["ordered_at"] > first["completed_at"]).sum() == planted["completed_before_ordered"]
    twice = planted["entered_twice"] + planted["entered_twice_differently"]
    assert first["order_no"].duplicated().sum() == twice
    assert (orders["status"] == "返工中").sum() == planted["reopened"]


@pytest.mark.parametrize(("table", "key"), list(zip(EVENTS, KEYS, strict=True)))
def test_about_one_row_in_a_hundred_is_unfit(sample: Tables, table: str, key: str) -> None:
    shown = visible(sample.frames[table], key, np.datetime64("2026-09-30"))
    assert 0.002 < (shown["_fault"] != "").mean() < 0.025


def test_corrections_and_cancellations_arrive_on_later_days(sample: Tables) -> None:
    orders = sample.frames["work_order"]
    first = orders[orders["revision"] == 1].drop_duplicates("order_no").set_index("order_no")["visible_from"]
    second = orders[orders["revision"] == 2].drop_duplicates("order_no").set_index("order_no")["visible_from"]
    assert (second > first.reindex(second.index)).all()


def test_nothing_is_shown_before_it_happened_but_what_is_in_progress(sample: Tables) -> None:
    orders = sample.frames["work_order"]
    done = orders[orders["revision"] >= 1]
    assert (done["visible_from"] >= done["_day"]).all()


def test_about_one_resident_in_a_hundred_is_left_alone(packs: dict[str, LoadedPack]) -> None:
    large = generate(EXAMPLE.organisation, packs, events=30_000)
    assert (large.frames["resident"]["do_not_contact"] == "是").mean() == pytest.approx(0.01, abs=0.004)


def test_phones_lie_in_an_unassigned_range(sample: Tables) -> None:
    register = sample.frames["resident"]
    fit = register.loc[register["_fault"] == "", "phone"]
    assert fit.str.fullmatch(r"13[0-9]0000\d{4}").all()


def test_most_complaints_and_repairs_were_revisited_before_the_system_began(sample: Tables) -> None:
    book, complaints = sample.frames["old_revisit"], sample.frames["complaint"]
    owed = (
        complaints[(complaints["_day"] < "2026-09-20") & (complaints["_fault"] == "")]["complaint_no"]
        .str.strip()
        .unique()
    )
    made = set(book.loc[book["clause"].isin(["PQ-03", "PM-03"]), "of_number"])
    assert 0.92 < np.mean([number in made for number in owed]) < 0.99


def test_about_four_in_a_hundred_were_not_satisfied_and_areas_differ(packs: dict[str, LoadedPack]) -> None:
    book = generate(EXAMPLE.organisation, packs, events=60_000, draw_key=KEY).frames["old_revisit"]
    reached = book[book["result"] == "已回访"]
    unhappy = reached["satisfaction"].isin(["不满意", "非常不满意"])
    by_visitor = unhappy.groupby(reached["visitor"]).mean()
    assert unhappy.mean() == pytest.approx(0.04, abs=0.015)
    assert by_visitor.max() > 1.5 * by_visitor.min()


def test_the_old_book_ends_where_the_new_system_begins(sample: Tables) -> None:
    visited = sample.frames["old_revisit"]["visited_on"]
    assert visited[visited != "2026-13-40"].max() <= "2026-09-30"


def test_the_regulation_3_22_was_visited_at_the_door_only(sample: Tables) -> None:
    book = sample.frames["old_revisit"]
    assert set(book.loc[book["clause"].str.startswith("PM"), "channel"]) <= {"上门", "微信"}


def test_without_a_key_the_old_book_covers_most_of_the_sampled_duties(
    packs: dict[str, LoadedPack], sample: Tables
) -> None:
    without = generate(EXAMPLE.organisation, packs).frames["old_revisit"]
    drawn = sample.frames["old_revisit"]
    assert (without["clause"] == "PQ-09").sum() > 5 * (drawn["clause"] == "PQ-09").sum()


@pytest.mark.parametrize("name", ["resident", *EVENTS, "old_revisit"])
def test_every_source_finds_its_columns_and_words_in_the_sample(
    name: str, database: str, sources: dict[str, Source]
) -> None:
    source = sources[name]
    with database_rows(source, database, date(2026, 9, 30)) as found:
        wanted = {column.from_ for column in source.map.values() if column.from_} | set(source.attributes.values())
        assert wanted <= set(found.columns)
        assert sum(1 for _ in found.rows) > 100
    matters = [
        expectation.values for expectation in source.contract if expectation.field == "matter" and expectation.values
    ]
    if name == "work_order":
        from revisit.sample.words import REPAIRS, SERVICES

        assert set(matters[0]) == {matter.name for matter in (*REPAIRS, *SERVICES)}


def test_the_query_shows_a_reopened_order_as_it_stood_on_the_day(
    sample: Tables, database: str, sources: dict[str, Source]
) -> None:
    orders = sample.frames["work_order"]
    reopened = orders[(orders["status"] == "返工中") & (orders["visible_from"] < "2026-10-20")].iloc[0]
    day = reopened["visible_from"].date()
    number = str(reopened["order_no"])

    def state(on: date) -> str | None:
        with database_rows(sources["work_order"], database, on) as found:
            at, status = found.columns.index("工单号"), found.columns.index("状态")
            return next(row[status] for row in found.rows if row[at] == number)

    assert state(date.fromordinal(day.toordinal() - 1)) == "已完工"
    assert state(day) == "返工中"
    assert state(date(2026, 12, 31)) == "已完工"


def test_the_commented_example_of_a_drop_folder_is_a_valid_source() -> None:
    source = load_source(EXAMPLE.folder / "sources" / "_files.yaml.example")
    assert (source.encoding, source.files) == ("gb18030", "../drop/vendor_orders_*.csv")


def test_everything_says_that_it_is_invented(database: str, sources: dict[str, Source]) -> None:
    assert EXAMPLE.organisation.invented
    assert "虚构" in EXAMPLE.organisation.name
    assert all("虚构" in source.title for source in sources.values())
    engine = create_engine(database)
    with engine.connect() as connection:
        assert "虚构" in connection.execute(text("select notice from sample_notice")).scalar_one()
    engine.dispose()


def test_writing_again_replaces_the_sample(sample: Tables, database: str) -> None:
    assert write(sample, database) == write(sample, database)


def test_hidden_columns_are_not_written(database: str) -> None:
    engine = create_engine(database)
    columns = {column["name"] for table in EVENTS for column in inspect(engine).get_columns(table)}
    engine.dispose()
    assert not any(name.startswith("_") for name in columns)


def test_somebody_elses_tables_are_never_replaced(sample: Tables, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table complaint (id integer)"))
    engine.dispose()
    with pytest.raises(SourceError, match="tables that the sample did not write: complaint"):
        write(sample, url)
