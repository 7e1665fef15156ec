"""What a valid pack is told all the same."""

from datetime import date

from revisit import resources
from revisit.app.cases import load_for_cases
from revisit.policy.advice import advice
from revisit.policy.model import Pack

ON = date(2026, 12, 1)
PM = load_for_cases(resources.folder("policies") / "property-3-22").pack


def changed(**changes: object) -> list[str]:
    return [
        note.said for note in advice(Pack.model_validate({**PM.model_dump(mode="json", by_alias=True), **changes}), ON)
    ]


def test_a_comparison_older_than_a_year_is_told() -> None:
    assert not any("confirmed_on" in line for line in changed())
    assert any("since 2025-11-30" in line for line in changed(confirmed_on="2025-11-30"))
    assert not any("confirmed_on" in line for line in changed(confirmed_on="2025-12-01"))


def test_windows_shorter_than_the_longest_holiday_are_told() -> None:
    told = [line.split()[0] for line in changed() if "holiday" in line]
    assert told == ["'appeal'", "'special-end'", "'help'", "'other'"]
    assert (
        "'appeal' (PM-03) has 4 calendar days from its first to its last, and the longest holiday has 9" in changed()[0]
    )
    rules = PM.model_dump(mode="json", by_alias=True)["rules"]
    for due, heard in (("8 days", True), ("9 days", False), ("9 workdays", False), ("0 days", False), ("1 week", True)):
        rules[0]["window"]["due"] = due
        assert any("'appeal'" in line for line in changed(rules=rules) if "holiday" in line) is heard, due


def test_rules_that_overlap_are_told_until_one_outranks_the_other() -> None:
    rules = PM.model_dump(mode="json", by_alias=True)["rules"]
    twin = {**rules[0], "id": "appeal-again", "where": {"severity": "major"}}
    both = [{**rules[0], "where": {"severity": "major"}}, twin, *rules[1:]]
    both[0]["quota"] = twin["quota"] = None
    assert any("'appeal' and 'appeal-again'" in line for line in changed(rules=both))
    both[0] = {**both[0], "outranks": ["appeal-again"]}
    assert not any("'appeal' and 'appeal-again'" in line for line in changed(rules=both))


def test_a_quota_that_nobody_measures_and_a_role_that_nobody_asks_are_told() -> None:
    assert not any("has no metric" in line or "never asked" in line for line in changed())
    assert any("the quota PM-07 has no metric" in line for line in changed(metrics=[]))
    roles = [*PM.model_dump(mode="json")["roles"], {"id": "idle", "title": "闲职", "seat": "office"}]
    assert any("'idle' is never asked" in line for line in changed(roles=roles))


def test_hours_of_channels_that_no_rule_allows_are_told() -> None:
    hours = {"clause": "PM-13", "allowed": ["08:00-21:00"]}
    assert not any("hours" in line for line in changed(hours=hours))
    assert any("the hours (PM-13) are never heeded" in line for line in changed(hours={**hours, "channels": ["sms"]}))
