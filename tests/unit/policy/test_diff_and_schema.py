"""What changes between packs, said in sentences; and a schema that every pack satisfies."""

import json

import jsonschema
import pytest
from ruamel.yaml import YAML

from revisit import resources
from revisit.app.cases import load_for_cases
from revisit.policy.diff import diff
from revisit.policy.model import Pack
from revisit.policy.schema import schema

FOLDERS = sorted(path.parent for path in resources.folder("policies").glob("*/pack.yaml"))


def test_a_pack_differs_from_itself_in_nothing() -> None:
    for folder in FOLDERS:
        assert list(diff(load_for_cases(folder).pack, load_for_cases(folder).pack)) == []


def test_a_changed_rate_and_window_are_told_with_their_day() -> None:
    old = load_for_cases(resources.folder("policies") / "property-qw-21-14").pack
    content = old.model_dump(mode="json", by_alias=True)
    content["effective"]["from"] = "2027-07-01"
    content["quotas"][2]["rate"] = "60%"
    content["rules"][0]["window"]["due"] = "2 days"
    del content["rules"][5]
    found = list(diff(old, Pack.model_validate(content)))
    assert "quotas: PQ-12 特约服务回访.rate: 3/10 → 3/5, from 2027-07-01." in found
    assert "rules: complaint 投诉回访.window.due: 3 days → 2 days, from 2027-07-01." in found
    assert "rules: emergency 急救回访 is gone, from 2027-07-01." in found
    assert len(found) == 4


def test_changed_hours_and_qualifications_are_told() -> None:
    old = load_for_cases(resources.folder("policies") / "realestate-marketing").pack
    content = old.model_dump(mode="json", by_alias=True)
    content["hours"]["allowed"] = ["09:00-20:00"]
    content["qualifications"] = [{"id": "trained", "clause": "RM-26", "name": "培训"}]
    found = list(diff(old, Pack.model_validate(content)))
    assert found == [
        "hours.allowed: [08:00-21:00] → [09:00-20:00], from 2020-01-01.",
        "qualifications: trained 培训 is new, from 2020-01-01.",
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_pack_satisfies_the_schema(folder: object) -> None:
    from pathlib import Path

    document = YAML(typ="safe").load((Path(str(folder)) / "pack.yaml").read_text("utf-8"))
    jsonschema.validate(json.loads(json.dumps(document, default=str)), schema())


def test_the_schema_refuses_an_unknown_key_and_lies_in_docs() -> None:
    document = YAML(typ="safe").load((FOLDERS[0] / "pack.yaml").read_text("utf-8"))
    with pytest.raises(jsonschema.ValidationError, match="unknown_key"):
        jsonschema.validate(json.loads(json.dumps({**document, "unknown_key": 1}, default=str)), schema())
    kept = json.loads((resources.folder("policies").parents[1] / "docs" / "pack.schema.json").read_text("utf-8"))
    assert kept == schema(), "write it again: revisit pack schema > docs/pack.schema.json"
