"""A pack is strict: every fault names file, line and way out."""

from pathlib import Path

import pytest

from revisit import resources
from revisit.domain.windows import Span
from revisit.errors import PackError
from revisit.policy.load import Choices, load_pack, require_complete

PQ = resources.folder("policies") / "property-qw-21-14" / "pack.yaml"


def changed(tmp_path: Path, old: str, new: str) -> Path:
    content = PQ.read_text("utf-8")
    assert old in content
    path = tmp_path / "pack.yaml"
    path.write_text(content.replace(old, new, 1), "utf-8")
    return path


def line_of(path: Path, part: str) -> int:
    return next(n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("old", "new", "said", "at"),
    [
        ("    round: 2\n    condition", "    rounds: 2\n    condition", "unknown key 'rounds'", "rounds: 2"),
        ("due: 3 days", "due: 3 dais", "'3 dais' is no length of time", "3 dais"),
        ("opens: 0 days, due: 3 days", "opens: 5 days, due: 3 days", "closes before it opens", "opens: 5 days"),
        ("rate: 30%", "rate: 130%", "not between 0 and 100%", "rate: 130%"),
        ("rate: 30%", "substitutes: {clause: PQ-12, for: [moved]}, rate: 100%", "a quota of 100% draws nobody", "id: PQ-12"),
        ("rate: 30%", "substitutes: {clause: PQ-12, for: [moved]}, union: year, union_clause: PQ-12, rate: 30%",
         "'union') has no 'substitutes'", "id: PQ-12"),
        ("unit: contract", "substitutes: {clause: PQ-12, for: [moved]}, unit: customer", "'unit: customer') has no 'substitutes'",
         "id: PQ-12"),
        ("name: 重复及不合格, ", "name: 重复及不合格, by: customers, ", "only a metric with 'quota' counts customers", "id: K25"),
        ("rate: 30%", "substitutes: {clause: PQ-12, for: []}, rate: 30%", "at least 1 item", "substitutes:"),
        ("rate: 30%", "substitutes: {clause: PQ-12, for: [tired]}, rate: 30%", "'moved', 'unreachable', 'absent' or 'deceased'",
         "for: [tired]"),
        ("    quota: PQ-10\n", "    quota: PQ-77\n", "there is no quota 'PQ-77'", "quota: PQ-77"),
        ("lead: director}", "lead: president}", "there is no role 'president'", "lead: president"),
        ("{parameter: pq.mid_stage}", "{parameter: pq.middle}", "there is no parameter 'pq.middle'", "pq.middle"),
        ("pack: property-qw-21-14\n", "pack: property-qw-21-14\npack: twice\n", "duplicate key", "pack: twice"),
        ("    default: 7\n", "", "needs a default", "- id: pq.special_end_days"),
        ("anchor: term", "anchor: ends", "'term' goes with a window of {share}", "- id: special-mid"),
        ("title: 物业客户回访作业规程\n", "", "the key 'title' is missing", "# 物业客户"),
        ("  - id: complaint\n", "  - id: other\n", "the id 'other' is used twice", "id: other"),
        ("review: {clause: PQ-24, by: assistant", "review: {clause: PQ-24, by: area_administrator",
         "'area_administrator' is no post of the office", "review: {clause: PQ-24"),
        ("\nmetrics:\n", "\nmetrics:\n  - {id: K21, clause: PQ-20, name: 分项, items: true}\n"
         "  - {id: K22, clause: PQ-20, name: 总体, mean: {of: [K21], weights: [1]}}\n",
         "the form's questions have no weights", "id: K22"),
        ("\nmetrics:\n",
         "\nmetrics:\n  - {id: K21, clause: PQ-19, name: 占比, share: {channels: [door], at_most: 0%, stop: true}}\n",
         "a 'stop' has a share above 0 and below 100%", "id: K21"),
        ("\nmetrics:\n",
         "\nmetrics:\n  - {id: K21, clause: PQ-19, name: 甲, share: {channels: [door, letter], at_most: 10%, stop: true}}\n"
         "  - {id: K22, clause: PQ-19, name: 乙, share: {channels: [phone], at_most: 10%, stop: true}}\n",
         "every channel of 'complaint' is under one of several stops", "- id: complaint"),
        ("\nmetrics:\n", "\nmetrics:\n  - {id: K21, clause: PQ-19, name: 占比, share: {channels: [door, letter], at_most: 10%, "
         "stop: true}}\n"
         "  - {id: K22, clause: PQ-19, name: 占比, share: {channels: [phone], at_most: 90%, stop: true}}\n",
         "the stops take every channel that a rule allows", "id: K21"),
        ("\nmetrics:\n", "\nmetrics:\n  - {id: K21, clause: PQ-20, name: 完成, of: completion, base: planned}\n",
         "'base' says what a quota's rate is of", "id: K21"),
        ("  - id: special-mid\n", "  - id: special-mid\n    needs: {clause: PQ-06, fields: [contact]}\n",
         "share the draw of PQ-12, but they do not need the same facts", "quota: PQ-12"),
        ("  - id: complaint\n", "  - id: complaint\n    where: {severity: major}\n    outranks: [special-mid]\n",
         "share the draw of PQ-12, but 'complaint' outranks only one of them", "quota: PQ-12"),
        ("\nform:\n", "\nhours: {clause: PQ-19, preferred: [10:00-11:30, 下午]}\nform:\n",
         "'下午' are no hours of a day", "hours:"),
        ("\nform:\n", "\nhours: {clause: PQ-19, preferred: [20:00-22:00], allowed: [08:00-21:00]}\nform:\n",
         "must lie within one of those that are allowed", "hours:"),
        ("\nmetrics:\n", "\nmetrics:\n  - {id: K21, clause: PQ-20, name: 时段, of: hours}\n",
         "'hours' is measured by 'hours.preferred'", "id: K21"),
        ("\nform:\n", "\nqualifications: [{id: trained, clause: PQ-16, name: 培训, rules: [repairs]}]\nform:\n",
         "there is no rule 'repairs'", "qualifications:"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str, at: str) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(PackError) as error:
        load_pack(path)
    assert said in str(error.value)
    if "used twice" not in said and "share the draw" not in said:  # these stand at the second of two
        assert f"{path}:{line_of(path, at)}:" in str(error.value)


def test_bad_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    path = changed(tmp_path, "scope: {clause", "scope: {{clause")
    with pytest.raises(PackError, match=r"pack\.yaml:\d+: not valid YAML"):
        load_pack(path)


def test_a_missing_pack_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no such file"):
        load_pack(tmp_path / "nothing.yaml")


def test_a_pack_with_an_open_number_does_not_activate_and_names_clause_and_parameter() -> None:
    with pytest.raises(PackError, match=r"pq\.mid_stage \(PQ-06\)"):
        require_complete(load_pack(PQ))


def test_a_default_accepted_by_name_is_shown_as_a_default() -> None:
    every = load_pack(PQ).on_default
    loaded = load_pack(PQ, Choices({}, every))
    require_complete(loaded)
    assert "pq.special_end_days" in loaded.on_default


def test_a_number_that_is_set_is_no_default() -> None:
    loaded = load_pack(PQ, Choices({"pq.special_end_days": 10}, ()))
    assert "pq.special_end_days" not in loaded.on_default
    due = loaded.pack.rule("special-end").window.due
    assert due
    assert due.count == 10


def test_reading_b_of_the_second_repair_visit_is_a_switch() -> None:
    due = load_pack(PQ, Choices({"pq.second_due_months": 3}, ())).pack.rule("repair-second").window.due
    assert due
    assert (due.count, due.unit) == (3, "month")
    with pytest.raises(PackError, match="the readings are 2, 3"):
        load_pack(PQ, Choices({"pq.second_due_months": 4}, ()))


def test_a_misspelt_parameter_in_the_organisation_is_refused() -> None:
    with pytest.raises(PackError, match=r"pq\.mid_stages"):
        load_pack(PQ, Choices({}, ("pq.mid_stages",)))


@pytest.mark.parametrize(("name", "prefix", "count"), [("property-qw-21-14", "PQ", 32), ("property-3-22", "PM", 23)])
def test_every_clause_of_the_regulation_stands_in_its_pack(name: str, prefix: str, count: int) -> None:
    cited = load_pack(resources.folder("policies") / name).pack.clauses()
    assert cited == {f"{prefix}-{number:02d}" for number in range(1, count + 1)}


EMERGENCY = "{quotas: {PQ-08: null}, rules: {emergency: {quota: PQ-14}}, metrics: {K12: null}}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("{rules: {emergancy: {quota: PQ-14}}}", "there is no rules.emergancy; correct the name, or write 'new: true'"),
        ("{rules: {emergency: {new: true, quota: PQ-14}}}", "rules.emergency is there already; leave 'new' out"),
        ("{metrics: {K77: null}}", "there is no metrics.K77 to take away"),
        ("{rules: {emergency: {id: other}}}", "named by its key here"),
        ("{channels: {allowed: {phone: {}}}}", "the entries of this list have no names"),
        ("{pack: another}", "neither its name nor parameters"),
        ("{parameters: {pq.emergency: {}}}", "neither its name nor parameters"),
    ],
)  # fmt: skip
def test_a_bad_change_is_told_with_its_line_once_it_is_chosen(tmp_path: Path, change: str, said: str) -> None:
    path = changed(tmp_path, EMERGENCY, change)
    load_pack(path)
    with pytest.raises(PackError) as error:
        load_pack(path, Choices({"pq.emergency": "other"}, ()))
    assert said in str(error.value)
    assert str(error.value).startswith(f"{path}:{line_of(path, f'other: {change}')}: ")


def test_a_fault_that_a_change_brings_names_the_change(tmp_path: Path) -> None:
    path = changed(tmp_path, EMERGENCY, "{rules: {emergency: {quota: PQ-99}}}")
    with pytest.raises(PackError, match=r"there is no quota 'PQ-99'.*\n.*pq.emergency: other"):
        load_pack(path, Choices({"pq.emergency": "other"}, ()))


def test_a_change_to_one_entry_leaves_another_with_the_same_alias_alone(tmp_path: Path) -> None:
    path = changed(tmp_path, "window: {opens: 0 days, due: 3 days}", "window: &days {opens: 0 days, due: 3 days}")
    text = path.read_text("utf-8").replace(
        "window: {opens: 0 days, due: 2 days}\n    quota", "window: *days\n    quota", 1
    )
    path.write_text(text.replace(EMERGENCY, "{rules: {complaint: {window: {due: 9 days}}}}"), "utf-8")
    pack = load_pack(path, Choices({"pq.emergency": "other"}, ())).pack
    assert [pack.rule(name).window.due for name in ("complaint", "repair-first")] == [Span(9, "day"), Span(3, "day")]


def test_one_is_not_true() -> None:
    survey = resources.folder("policies") / "property-survey-iso"
    with pytest.raises(PackError, match="the readings are False, True"):
        load_pack(survey, Choices({"ps.overall_pooled": 1}, ()))
