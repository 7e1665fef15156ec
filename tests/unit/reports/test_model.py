"""The report as values: figures count right, and JSON gives back what it was given."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from factories import a_report, figure
from revisit.reports.model import from_json


def test_a_report_comes_back_from_json_as_it_was():
    report = a_report(restated=(("K09/2026-08", "35/38", "36/39"),))
    assert from_json(report.to_json()) == report


def test_an_empty_report_comes_back_from_json_as_it_was():
    report = a_report(
        metrics=(), satisfaction=(), trend=(), repeats=(), unsatisfactory=(), issues=(), draws=(), quality=(),
        defaults=(), guidance=(), chain=(),
    )  # fmt: skip
    assert from_json(report.to_json()) == report


def test_the_json_is_canonical():
    text = a_report().to_json()
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert '"cut_off":"2026-11-03"' in text


def test_a_report_that_says_something_else_has_another_hash():
    assert a_report().sha256() == a_report().sha256()
    assert a_report().sha256() != a_report(revision=2).sha256()


def test_the_denominator_counts_what_was_owed_and_fell_due():
    given = figure(numerator=45, late=2, missed=1, not_drawn=4, pending=3, excused=1)
    assert given.denominator == 52
    assert given.rate == Fraction(45, 52)


def test_nothing_owed_has_no_rate_no_interval_and_no_verdict():
    given = figure(numerator=0, late=0, missed=0, pending=3)
    assert given.rate is None
    assert given.interval is None
    assert given.meets_target is None


@pytest.mark.parametrize(
    ("numerator", "target", "reached"),
    [(48, "1", True), (47, "1", False), (12, "1/4", True), (11, "0.25", False), (11, None, None)],
)
def test_a_target_is_met_by_the_exact_fraction(numerator, target, reached):
    assert figure(numerator=numerator, late=0, missed=48 - numerator, target=target).meets_target is reached


def test_a_census_of_answers_has_no_sampling_error():
    answers = replace(a_report().satisfaction[0], satisfied=39, answered=44, population=44)
    assert answers.interval == (39 / 44, 39 / 44)


def test_the_areas_of_the_example_add_up_to_departments_and_to_the_whole():
    for metric in a_report().metrics:
        for part in ("numerator", "denominator", "pending", "excused"):
            total = getattr(metric.total, part)
            assert sum(getattr(f, part) for f in metric.of("department")) == total
            assert sum(getattr(f, part) for f in metric.of("area")) == total
