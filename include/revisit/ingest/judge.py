"""Great Expectations as the judge of a batch: the contract as a suite, its verdict, and the data docs.

The quarantine itself is written by one SQL pass (`stage.py`). The suite judges the same rows independently; where
the two disagree, the batch is marked, and a person looks.
"""

import os
import warnings
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from revisit.ingest.source import FIELDS, Expectation, Source


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the suite found: unexpected rows by expectation (its type and field), and where the data docs lie."""

    unexpected: dict[str, int]
    docs: Path


def _suite(gx: Any, source: Source, on: date) -> list[Any]:
    """The contract as expectations over the staged columns."""
    e = gx.expectations
    found: list[Any] = []
    for name in source.map:
        if FIELDS[source.target][name] != "text":
            found.append(
                e.ExpectColumnValuesToNotBeNull(
                    column=name, row_condition=f'col("{name}_raw").notNull()', condition_parser="great_expectations",
                    meta={"reason": f"{name}: not a {FIELDS[source.target][name]}"},
                )
            )  # fmt: skip
    for expectation in source.expectations():
        built = _expectation(e, expectation, on, source.time_zone)
        if built is not None:
            found.append(built)
    return found


def _expectation(e: Any, contract: Expectation, on: date, zone: str) -> Any:
    from revisit.ingest.stage import reason

    meta = {"reason": reason(contract)}
    match contract.expect:
        case "required":
            return e.ExpectColumnValuesToNotBeNull(column=f"{contract.field}_raw", meta=meta)
        case "one_of":
            return e.ExpectColumnValuesToBeInSet(column=contract.field, value_set=list(contract.values), meta=meta)
        case "matches":
            return e.ExpectColumnValuesToMatchRegex(column=contract.field, regex=contract.pattern, meta=meta)
        case "at_most_long":
            return e.ExpectColumnValueLengthsToBeBetween(column=contract.field, max_value=contract.length, meta=meta)
        case "not_before":
            return e.ExpectColumnValuesToBeBetween(
                column=contract.field, min_value=_moment(str(contract.day), zone), meta=meta
            )
        case "not_after":
            last = on if contract.day == "on" else date.fromisoformat(str(contract.day))
            return e.ExpectColumnValuesToBeBetween(
                column=contract.field,
                max_value=_moment(str(last + timedelta(days=1)), zone),
                strict_max=True,
                meta=meta,
            )
        case "ordered":
            return e.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=contract.other, column_B=contract.field, or_equal=True,
                ignore_row_if="either_value_is_missing", meta=meta,
            )  # fmt: skip
        case _:
            return None  # 'known' compares with another table, which the SQL pass alone can do


def _moment(day: str, zone: str) -> datetime:
    """The first moment of a day where the source is."""
    return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))


def judge(source: Source, database_url: str, schema: str, on: date, docs: Path) -> Verdict:
    """Run the contract's suite over the staged rows and write the data docs."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        docs.mkdir(parents=True, exist_ok=True)
        context.add_data_docs_site(
            site_name="contracts",
            site_config={
                "class_name": "SiteBuilder",
                "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs)},
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            },
        )
        data = context.data_sources.add_postgres(source.source, connection_string=database_url)
        asset = data.add_table_asset("staged", table_name="staged", schema_name=schema)
        batch = asset.add_batch_definition_whole_table("batch")
        suite = context.suites.add(gx.ExpectationSuite(name=source.source, expectations=_suite(gx, source, on)))
        validation = context.validation_definitions.add(
            gx.ValidationDefinition(name=source.source, data=batch, suite=suite)
        )
        checkpoint = context.checkpoints.add(
            gx.Checkpoint(
                name=source.source,
                validation_definitions=[validation],
                actions=[gx.checkpoint.UpdateDataDocsAction(name="docs")],
                result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
            )
        )
        result = checkpoint.run()
    unexpected: dict[str, int] = {}
    for run in result.run_results.values():
        for row in run.results:
            meta = (row.expectation_config.meta or {})["reason"]
            unexpected[meta] = int(row.result.get("unexpected_count") or 0)
            if row.exception_info and any(
                isinstance(info, dict) and info.get("raised_exception") for info in row.exception_info.values()
            ):
                unexpected[meta] = -1
    return Verdict(unexpected, docs / "index.html")
