"""Conformance: what becomes of every clause of every regulation, and which worked cases fail once it is taken out."""

import csv
import io
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from revisit import resources
from revisit.app import cases
from revisit.app.case_file import read_cases
from revisit.errors import PackError
from revisit.policy.load import read_yaml
from revisit.policy.model import cited
from revisit.templates import render

Status = Literal["executed", "guidance", "open"]

# Where a section cannot be left out, taking a clause out of it leaves the least that a pack may say.
_LEAST: dict[str, Any] = {
    "channels": {"allowed": ["door", "phone", "letter", "sms", "mail", "web", "meeting"]},
    "form": {"name": "-", "scale": ["+", "-"], "ratings": [{"id": "only", "title": "-"}]},
    "report": {"name": "-", "period": "month", "by": [], "due_workday": 1, "chain": []},
    "retention": {"years": 99, "of": "-"},
}
# What a language of "event + N days" cannot say; a worked case names those it shows (`shows`).
HARD = (
    "windows with two ends",
    "mid-term and two-visit contracts, counted anew when the contract changes",
    "recurrence until a condition, and a cadence that changes with the class",
    "a population that is no order: readers, guests, customers at an occasion",
    "negative duties, which suppress others",
    "coverage completed over rounds, and thresholds on another base",
    "a quota that a person decides at run time, or that depends on the volume",
    "a cap on a channel's share, known only at the period's close",
    "staff who are new or idle, and giving back",
    "conflicts of interest",
    "joint execution with a lead",
    "answers that trigger: one item, item against overall, misconduct",
    "deadlines made by people: promised replies, agreed callbacks, next dates",
    "a second clock at another desk, then a closing contact",
    "a chain of hand-downs with a verification of the verification",
    "sameness of matters and incidents across departments",
    "duties of the same day against a nightly batch",
    "soft against hard constraints within one regulation",
    "the mean of rates, blanks left out",
    "at most, every, and at least",
    "paper with states and clocks of its own",
    "blank numbers stop the activation",
)
_SHOWN = ("scope", "guidance")
_PARTS = (
    ("due", "due"),
    ("averse", "averse_at_most"),
    ("union", "union"),
)  # a key that a clause of its own stands behind


@dataclass(frozen=True, slots=True)
class Account:
    """A clause: executed (by these sections of its pack), shown as guidance (there), or open (for this reason)."""

    clause: str
    kind: str
    pack: str
    status: Status
    where: str


@cache
def _catalogue() -> dict[str, tuple[str, str]]:
    content = (resources.folder("policies") / "clauses.csv").read_text("utf-8")
    return {row["clause"]: (row["kind"], row["open"]) for row in csv.DictReader(io.StringIO(content))}


def account(folder: Path) -> list[Account]:
    """Every clause of a regulation's catalogue, in order; a clause that the catalogue does not know raises PackError."""
    document = read_yaml(folder / "pack.yaml")
    sections: dict[str, list[str]] = {}
    for section, node in document.items():
        if section != "parameters":
            for clause in cited(node):
                sections.setdefault(clause, []).append(section)
    prefix = next(iter(sections))[:2]
    known = {clause: entry for clause, entry in _catalogue().items() if clause.startswith(prefix)}
    if known and set(sections) - set(known):
        strange = ", ".join(sorted(set(sections) - set(known)))
        raise PackError(f"{folder / 'pack.yaml'}: the regulation has no clause {strange}. Correct the number.")
    found = []
    for clause, (kind, reason) in (known or dict.fromkeys(sorted(sections), ("", ""))).items():
        places = list(dict.fromkeys(sections.get(clause, [])))
        executing = [name for name in places if name not in _SHOWN]
        status: Status = "executed" if executing else "guidance" if places else "open"
        found.append(Account(clause, kind, folder.name, status, ", ".join(executing or places) or reason))
    return found


def folders() -> list[Path]:
    """The packs that came with the product."""
    return sorted(path.parent for path in resources.folder("policies").glob("*/pack.yaml"))


def proof(folder: Path, clause: str) -> list[str]:
    """The worked cases that fail when a clause is taken out of its pack; "refused" where the pack then does not load."""
    document = without(read_yaml(folder / "pack.yaml"), clause)
    with tempfile.TemporaryDirectory() as there:
        file = Path(there) / "pack.yaml"
        YAML().dump(document, file)
        try:
            pack = cases.load_for_cases(folder, file).pack
        except PackError:
            return ["refused: other parts of the pack rest on it"]
    as_written = (case for case in read_cases(folder)[1] if "values" not in case)
    return [str(case["name"]) for case in as_written if cases.faults(pack, case)]


def without(document: Any, clause: str) -> Any:
    """A pack's document without everything that cites a clause, and without references to what is gone."""
    gone: set[str] = set()
    pruned = {
        name: node if name in ("parameters", *_SHOWN) else _prune(node, clause, gone, (name,))
        for name, node in document.items()
    }
    pruned = {name: _LEAST[name] if node is None and name in _LEAST else node for name, node in pruned.items()}
    return _unlink({name: node for name, node in pruned.items() if node is not None}, gone)


def _names(node: Any, clause: str) -> bool:
    """Whether an entry cites the clause itself."""
    own = node.get("clause") or (node.get("id") if "rate" in node else None)
    return str(own or "")[:5] == clause


def _own(node: Any, key: str) -> str:
    return str(node.get(key) or "")[:5]


def _prune(node: Any, clause: str, gone: set[str], at: tuple[str, ...]) -> Any:
    if isinstance(node, dict):
        if _names(node, clause):
            gone.add(str(node.get("id")))
            if at == ("on_result",):
                return {
                    **{k: v for k, v in node.items() if k in ("report_to", "unsatisfactory_below")},
                    "report_to": "nobody",
                }
            return None
        kept = {}
        for key, value in node.items():
            if any(key in (part, f"{name}_clause") and _own(node, f"{name}_clause") == clause for name, part in _PARTS):
                continue
            left = _prune(value, clause, gone, (*at, key))
            if left is not None or value is None:
                kept[key] = left
        return kept
    if isinstance(node, list):
        return [left for value in node if (left := _prune(value, clause, gone, at)) is not None]
    return node


def _unlink(document: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    """Drop what points to entries that are gone: follow-ups, shared quotas, outranked rules, questions, figures."""
    while True:
        rules = [rule for rule in document.get("rules", []) if rule["trigger"].get("after") not in gone]
        lost = {rule["id"] for rule in document.get("rules", [])} - {rule["id"] for rule in rules}
        document = {**document, "rules": rules}
        if not lost:
            break
        gone |= lost
    for rule in document["rules"]:
        if rule.get("quota") in gone:
            rule.pop("quota")
        if "outranks" in rule:
            rule["outranks"] = [name for name in rule["outranks"] if name not in gone]
    form = document.get("form", {})
    for part in ("ratings", "texts"):
        for item in form.get(part, []):
            if "rules" in item:
                item["rules"] = [name for name in item["rules"] if name not in gone]
        form[part] = [item for item in form.get(part, []) if item.get("rules") != []]
    if not form.get("ratings"):
        form["ratings"] = _LEAST["form"]["ratings"]
    asked = {item["id"] for item in form["ratings"]}
    for metric in document.get("metrics", []):
        for key, left in (("rules", {rule["id"] for rule in document["rules"]}), ("questions", asked)):
            if key in metric:
                metric[key] = [name for name in metric[key] if name in left]
    document["metrics"] = [m for m in document.get("metrics", []) if [] not in (m.get("rules"), m.get("questions"))]
    measured = {metric["id"] for metric in document.get("metrics", [])}
    document["metrics"] = [
        metric
        for metric in document.get("metrics", [])
        if metric.get("quota") not in gone
        and metric.get("against") not in gone
        and set(metric.get("mean", {}).get("of", ())) <= measured
        and not (metric.get("spread") and "categories" not in document.get("on_result", {}))
        and not (metric.get("of") == "accuracy" and "audit" not in document.get("lifecycle", {}))
    ]
    return document


def page() -> str:
    """The account of all regulations as Markdown, with the worked cases that prove each executed clause."""
    accounts = [(folder, account(folder)) for folder in folders()]
    counted = Counter(line.status for _, lines in accounts for line in lines)
    return render(
        "pages/conformance.md",
        accounts=accounts,
        counted=counted,
        proof=proof,
        total=sum(counted.values()),
        hard=shown(),
    )


def shown() -> list[tuple[str, list[tuple[str, str]]]]:
    """Each of the hard things with the worked cases that show it, as (pack, name)."""
    listed = [(folder.name, case) for folder in folders() for case in read_cases(folder)[1]]
    return [
        (thing, [(pack, str(case["name"])) for pack, case in listed if number in case.get("shows", ())])
        for number, thing in enumerate(HARD, 1)
    ]
