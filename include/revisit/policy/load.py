"""Read a pack: resolve its parameters, refuse what is unknown, blank or contradictory, and say where and what to do."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from revisit.errors import PackError
from revisit.policy import change
from revisit.policy.model import Gate, Message, Pack, Qualification, Rule


@dataclass(frozen=True, slots=True)
class Choices:
    """What the organisation decided about a pack's open numbers.

    `values`: parameter id to value; `accepted`: parameters whose default is accepted by name.
    """

    values: Mapping[str, Any]
    accepted: Collection[str]


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A valid pack with its origin, the hash of what was read, and the parameters that run on their default."""

    pack: Pack
    path: Path
    sha256: str
    on_default: tuple[str, ...]
    unset: tuple[str, ...]


class _Places:
    """Where each key of the YAML document stands, for error messages."""

    def __init__(self, path: Path, document: Any) -> None:
        self._path, self._document = path, document

    def of(self, keys: tuple[str | int, ...]) -> str:
        node, line = self._document, 1
        for key in keys:
            try:
                line = (node.lc.key(key) if hasattr(node, "keys") else node.lc.item(key))[0] + 1
                node = node[key]
            except (KeyError, IndexError, AttributeError, TypeError):
                break
        return f"{self._path}:{line}"


def read_yaml(path: Path) -> Any:
    """A YAML 1.2 document with its line numbers; duplicate keys and bad syntax raise PackError."""
    try:
        return YAML(typ="rt").load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise PackError(f"{path}: no such file. Name a pack's folder or its pack.yaml.") from None
    except (MarkedYAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise PackError(f"{path}{line}: not valid YAML: {problem}. Correct the line; indent with spaces.") from error


def places(file: Path) -> Callable[[tuple[str | int, ...]], str]:
    """Says where a key of a pack's file stands, as file:line; the nearest key above it where it is left out."""
    return _Places(file, read_yaml(file)).of


def _resolve(
    node: Any, values: Mapping[str, Any], runtime: Collection[str], places: _Places, at: tuple[Any, ...]
) -> Any:
    if isinstance(node, dict):
        if "parameter" in node:
            name = node["parameter"]
            if set(node) - {"parameter", "unit"}:
                raise PackError(f"{places.of(at)}: a reference has the keys 'parameter' and 'unit' only.")
            if name in runtime:
                return {"decided": name}
            if name not in values:
                raise PackError(f"{places.of(at)}: there is no parameter '{name}'. Declare it under 'parameters'.")
            value = values[name]
            if value is None:
                raise PackError(
                    f"{places.of(at)}: the parameter '{name}' is blank in the regulation. In organisation.yaml, set it "
                    f"under the pack's 'values'."
                )
            return f"{value} {node['unit']}" if "unit" in node else value
        return {key: _resolve(value, values, runtime, places, (*at, key)) for key, value in node.items()}
    if isinstance(node, list):
        return [_resolve(value, values, runtime, places, (*at, index)) for index, value in enumerate(node)]
    return node


def _explain(error: ValidationError, places: _Places) -> str:
    lines = []
    for fault in error.errors():
        keys = tuple(key for key in fault["loc"] if key not in ("Comparison", "str", "int"))
        where, what = places.of(keys), fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            what = f"unknown key '{keys[-1]}'. Remove it, or look up its name in docs/pack-language.md"
        elif fault["type"] == "missing":
            what = f"the key '{keys[-1]}' is missing. Add it"
        lines.append(f"{where}: {'.'.join(map(str, keys))}: {what}.")
    return "\n".join(lines)


class _Names:
    """The names a pack declares, and the faults of those that point nowhere or are used twice."""

    def __init__(self, pack: Pack, places: _Places) -> None:
        self._places, self.faults = places, list[str]()
        self._known = {
            "role": {role.id for role in pack.roles},
            "quota": {quota.id for quota in pack.quotas},
            "rule": {rule.id for rule in pack.rules},
            "detection": {detection.id for detection in pack.detections},
            "rating": set(pack.form.scale),
            "question": {item.id for item in pack.form.ratings},
        }

    def wanted(self, kind: str, name: str | None, *at: str | int) -> None:
        if name is not None and name not in self._known[kind]:
            listed = ", ".join(sorted(self._known[kind]))
            self.fault(f"there is no {kind} '{name}'. Known are: {listed}.", *at)

    def once(self, section: str, names: list[str]) -> None:
        for index, name in enumerate(names):
            if name in names[:index]:
                self.fault(f"the id '{name}' is used twice. Rename one of them.", section, index)

    def fault(self, said: str, *at: str | int) -> None:
        self.faults.append(f"{self._places.of(at)}: {said}")


def _references(pack: Pack, places: _Places) -> None:
    """Refuse names that point nowhere, ids used twice, and rules that contradict each other."""
    names = _Names(pack, places)
    for index, rule in enumerate(pack.rules):
        _rule_references(pack, rule, index, names)
    for place, item in enumerate((*pack.form.ratings, *pack.form.texts)):
        for name in item.rules:
            names.wanted("rule", name, "form", "ratings" if place < len(pack.form.ratings) else "texts")
    names.once("form", [item.id for item in (*pack.form.ratings, *pack.form.texts)])
    limited: dict[str, Sequence[Message | Gate | Qualification]] = {
        "messages": pack.messages, "gates": pack.gates, "qualifications": pack.qualifications
    }  # fmt: skip
    for section, entries in limited.items():
        for index, entry in enumerate(entries):
            for name in entry.rules:
                names.wanted("rule", name, section, index, "rules")
    _figure_references(pack, names)
    _stop_references(pack, names)
    _desk_references(pack, names)
    for index, step in enumerate(pack.report.chain):
        names.wanted("role", step.by, "report", "chain", index)
    names.wanted("role", pack.on_result.report_to, "on_result", "report_to")
    names.wanted("rating", pack.on_result.unsatisfactory_below, "on_result", "unsatisfactory_below")
    if pack.lifecycle.issue:
        names.wanted("role", pack.lifecycle.issue.by, "lifecycle", "issue", "by")
    names.once("rules", [rule.id for rule in pack.rules])
    names.once("qualifications", [one.id for one in pack.qualifications])
    names.once("quotas", [quota.id for quota in pack.quotas])
    if names.faults:
        raise PackError("\n".join(names.faults))


def _figure_references(pack: Pack, names: _Names) -> None:
    """Refuse figures of what the pack does not have."""
    items = {metric.id for metric in pack.metrics if metric.items}
    measured = {metric.id for metric in pack.metrics if metric.counts or metric.items}
    for index, metric in enumerate(pack.metrics):
        names.wanted("quota", metric.quota, "metrics", index, "quota")
        for name in metric.detections:
            names.wanted("detection", name, "metrics", index, "detections")
        if metric.of == "returns" and (pack.lifecycle.return_ is None or pack.lifecycle.return_.within.unit != "day"):
            names.fault(
                "'returns' is measured by 'lifecycle.return_', in days. Add it, or remove the metric.", "metrics", index
            )
        if metric.mean and set(metric.mean.of) - measured:
            listed = ", ".join(sorted(set(metric.mean.of) - measured))
            names.fault(f"the mean is of {listed}, which is no rate of this pack. Correct the name.", "metrics", index)
        if metric.mean and len(metric.mean.of) > 1 and items & set(metric.mean.of):
            names.fault("a mean of the form's questions stands alone; make two means.", "metrics", index, "mean")
        if metric.mean and metric.mean.weights and items & set(metric.mean.of):
            names.fault("the form's questions have no weights. Remove them.", "metrics", index, "mean", "weights")
        names.wanted("rule", metric.against, "metrics", index, "against")
        for name in metric.rules:
            names.wanted("rule", name, "metrics", index, "rules")
        for name in metric.questions:
            names.wanted("question", name, "metrics", index, "questions")
        if metric.of == "accuracy" and pack.lifecycle.audit is None:
            names.fault("'accuracy' is measured by 'lifecycle.audit'. Add it, or remove the metric.", "metrics", index)
        if metric.spread and pack.on_result.categories is None:
            names.fault("'spread' is over 'on_result.categories'. Add them, or remove the metric.", "metrics", index)
        if metric.of == "hours" and (pack.hours is None or not pack.hours.preferred):
            names.fault("'hours' is measured by 'hours.preferred'. Add it, or remove the metric.", "metrics", index)
    names.once("metrics", [metric.id for metric in pack.metrics])


def _stop_references(pack: Pack, names: _Names) -> None:
    """Refuse stops that would leave nobody to contact, or that together take what none of them counts."""
    stops = [set(metric.share.channels) for metric in pack.stops() if metric.share]
    stopped = set[str]().union(*stops)
    channels = [set((rule.channels or pack.channels).allowed) for rule in pack.rules]
    if stops and channels and set[str]().union(*channels) <= stopped:
        first = pack.metrics.index(pack.stops()[0])
        names.fault(
            "the stops take every channel that a rule allows, so that nobody could be contacted. Leave a channel over.",
            "metrics", first, "share",
        )  # fmt: skip
    for index, (rule, own) in enumerate(zip(pack.rules, channels, strict=True)):
        if own <= stopped and not any(own <= one for one in stops):
            names.fault(
                f"every channel of '{rule.id}' is under one of several stops, so that none of them counts it. Make one share "
                f"of these channels, or leave one over.", "rules", index,
            )  # fmt: skip


def _desk_references(pack: Pack, names: _Names) -> None:
    """Refuse posts that nobody knows in stand-ins, feeds, reviews and audits."""
    for index, stand_in in enumerate(pack.stand_ins):
        names.wanted("role", stand_in.role, "stand_ins", index, "role")
        names.wanted("role", stand_in.by, "stand_ins", index, "by")
        if all(role.id != stand_in.role or role.seat != "person" for role in pack.roles):
            names.fault(
                f"'{stand_in.role}' is no post of a person. Give it 'seat: person'.", "stand_ins", index, "role"
            )
    posts = {role.id for role in pack.roles if role.seat == "office"}
    for index, feed in enumerate(pack.feeds):
        names.wanted("role", feed.by, "feeds", index, "by")
        if feed.by not in posts:
            names.fault(f"'{feed.by}' is no post of the office. Name one that one person holds.", "feeds", index, "by")
    names.once("feeds", [feed.id for feed in pack.feeds])
    for part in ("review", "audit"):
        if given := getattr(pack.lifecycle, part):
            names.wanted("role", given.by, "lifecycle", part, "by")
            if given.by and given.by not in posts:
                names.fault(
                    f"'{given.by}' is no post of the office. Name one that one person holds.", "lifecycle", part, "by"
                )


def _rule_references(pack: Pack, rule: Rule, index: int, names: _Names) -> None:
    names.wanted("quota", rule.quota, "rules", index, "quota")
    names.wanted("rule", rule.trigger.after, "rules", index, "trigger")
    if rule.condition:
        names.wanted("rule", rule.condition.first, "rules", index, "condition")
        names.wanted("detection", rule.condition.repeat, "rules", index, "condition")
    for place, assignment in enumerate(rule.assign):
        names.wanted("role", assignment.lead, "rules", index, "assign", place)
        if assignment.joint != "accused_department":
            names.wanted("role", assignment.joint, "rules", index, "assign", place)
    if rule.attempts and not any(o.trigger.after == rule.id and "given_up" in o.trigger.when for o in pack.rules):
        names.fault(
            f"'{rule.id}' counts attempts, but nothing follows when it is given up. Add a rule with the trigger "
            f"{{after: {rule.id}, when: {{given_up: true}}}}, or remove the attempts.", "rules", index, "attempts",
        )  # fmt: skip
    for name in rule.outranks:
        names.wanted("rule", name, "rules", index, "outranks")
    if rule.id in rule.outranks:
        names.fault(f"'{rule.id}' outranks itself. Remove it.", "rules", index, "outranks")
    if rule.outranks and not rule.where:
        names.fault(
            f"'{rule.id}' outranks others for every event. Add a 'where', or remove them.", "rules", index, "outranks"
        )
    drawing = pack.drawing_rule(rule)
    uneven = [other.id for other in pack.rules if (rule.id in other.outranks) != (drawing.id in other.outranks)]
    if rule.quota and (uneven or rule.needs != drawing.needs):
        what = f"'{uneven[0]}' outranks only one of them" if uneven else "they do not need the same facts"
        names.fault(
            f"'{rule.id}' and '{drawing.id}' share the draw of {rule.quota}, but {what}. Treat both alike, or give them a "
            f"quota each.", "rules", index, "quota",
        )  # fmt: skip
    if rule.quota and rule.where != drawing.where:
        names.fault(
            f"'{rule.id}' and '{drawing.id}' share the quota {rule.quota} on {rule.trigger.event}, but not their 'where'. "
            f"Give them the same, or a quota each.", "rules", index, "quota",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Settled:
    """What every parameter stands for: its value, which run on their default, and which nobody has settled."""

    values: dict[str, Any]
    on_default: tuple[str, ...]
    unset: tuple[str, ...]


def _settle(declared: list[Any], choices: Choices, places: _Places) -> _Settled:
    """Give each declared parameter its value; one that a role decides at run time has none here."""
    values: dict[str, Any] = {}
    on_default: list[str] = []
    unset: list[str] = []
    for index, parameter in enumerate(declared):
        name, where = parameter["id"], places.of(("parameters", index))
        if parameter.get("stated") == "runtime":
            continue
        if name in choices.values:
            values[name] = choices.values[name]
            if parameter.get("choices") and not _is_choice(values[name], parameter["choices"]):
                readings = ", ".join(map(str, parameter["choices"]))
                raise PackError(
                    f"{where}: '{name}' is set to {values[name]!r}; the readings are {readings}. Choose one of them."
                )
            continue
        values[name] = parameter.get("default")
        if values[name] is None and parameter.get("stated") in ("never", "ambiguous"):
            raise PackError(f"{where}: '{name}' needs a default; a parameter without one is 'blank'.")
        if values[name] is not None:
            on_default.append(name)
        if values[name] is None or name not in choices.accepted:
            unset.append(f"{name} ({parameter.get('clause')})")
    return _Settled(values, tuple(on_default), tuple(unset))


def _refuse_unknown(declared: list[Any], choices: Choices, file: Path) -> None:
    """Refuse choices that name no parameter of this pack, by the prefix they share with it."""
    known = {parameter["id"] for parameter in declared}
    prefixes = {name.split(".")[0] for name in known}
    for name in [*choices.values, *choices.accepted]:
        if name.split(".")[0] in prefixes and name not in known:
            raise PackError(
                f"{file}: the organisation sets '{name}', which the pack does not declare. Correct the name."
            )


def _is_choice(value: Any, choices: list[Any]) -> bool:
    """Whether a value is one of the choices as it is written: 1 is not true."""
    return any(isinstance(value, bool) == isinstance(choice, bool) and value == choice for choice in choices)


def _change(document: Any, declared: list[Any], values: Mapping[str, Any], places: _Places) -> list[str]:
    """Let the values that were chosen change the document, in the order in which the parameters are declared; where each
    change stands.
    """
    changed = []
    for index, parameter in enumerate(declared):
        changes = parameter.get("changes") or {}
        if not isinstance(changes, dict):
            where = places.of(("parameters", index, "changes"))
            raise PackError(
                f"{where}: 'changes' says for each choice what it changes. Write {{choice: {{key: value}}}}."
            )
        for chosen, what in changes.items():
            if str(chosen) != str(values.get(parameter["id"])):
                continue
            where = places.of(("parameters", index, "changes", chosen))
            if not isinstance(what, dict) or {"parameters", "pack"} & what.keys():
                raise PackError(
                    f"{where}: a change names keys of the pack, but neither its name nor parameters. Correct it."
                )
            try:
                change.apply(document, what)
            except LookupError as error:
                raise PackError(f"{where}: {error}.") from error
            changed.append(f"{where} ({parameter['id']}: {chosen})")
    return changed


def load_pack(path: Path, choices: Choices = Choices({}, ())) -> LoadedPack:
    """Load `pack.yaml` (or the folder that holds it) under the organisation's choices.

    Raises PackError with file, line and way out. A parameter whose default nobody accepted does not raise here, so
    that a draft can be read; it stands in `unset`, and `require_complete` refuses it.
    """
    file = path / "pack.yaml" if path.is_dir() else path
    document = read_yaml(file)
    if not isinstance(document, dict):
        raise PackError(f"{file}:1: a pack is a mapping of keys. Start from an existing pack.")
    places = _Places(file, document)
    declared = [p for p in document.get("parameters") or [] if isinstance(p, dict) and "id" in p]
    _refuse_unknown(declared, choices, file)
    runtime = {p["id"] for p in declared if p.get("stated") == "runtime"}
    settled = _settle(declared, choices, places)
    changed = _change(document, declared, settled.values, places)
    resolved = _resolve({k: v for k, v in document.items() if k != "parameters"}, settled.values, runtime, places, ())
    resolved["parameters"] = [dict(p) if isinstance(p, dict) else p for p in document.get("parameters") or []]
    for quota in resolved.get("quotas") or []:
        if isinstance(quota, dict) and isinstance(quota.get("rate"), dict):
            quota["decided"], quota["rate"] = quota["rate"].get("decided"), None
    try:
        pack = Pack.model_validate(resolved)
    except ValidationError as error:
        raise PackError(_explain(error, places) + _after(changed)) from error
    try:
        _references(pack, places)
    except PackError as error:
        raise PackError(f"{error}{_after(changed)}") from error
    digest = hashlib.sha256(file.read_bytes() + repr(sorted(settled.values.items(), key=str)).encode()).hexdigest()
    return LoadedPack(pack, file, digest, settled.on_default, settled.unset)


def _after(changed: list[str]) -> str:
    """What to look at beside the line of a fault, where choices changed the pack."""
    return f"\nIt was read with the changes at {', '.join(changed)}." if changed else ""


def require_complete(loaded: LoadedPack) -> None:
    """Refuse to activate while a parameter is neither set nor accepted by name."""
    if loaded.unset:
        names = ", ".join(loaded.unset)
        raise PackError(
            f"{loaded.path}: {loaded.pack.pack} leaves open: {names}. In organisation.yaml, set each under the pack's "
            f"'values', or accept its default by naming it under 'accept'."
        )
