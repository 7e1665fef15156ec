"""Read a pack: resolve its parameters, refuse what is unknown, blank or contradictory, and say where and what to do."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from revisit.errors import PackError
from revisit.policy.model import Pack


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


def _references(pack: Pack, places: _Places) -> None:
    """Refuse names that point nowhere and ids used twice."""
    roles, quotas, rules = {r.id for r in pack.roles}, {q.id for q in pack.quotas}, {r.id for r in pack.rules}
    detections = {d.id for d in pack.detections}
    faults: list[str] = []

    def wanted(kind: str, name: str | None, known: Collection[str], *at: str | int) -> None:
        if name is not None and name not in known:
            listed = ", ".join(sorted(known))
            faults.append(f"{places.of(at)}: there is no {kind} '{name}'. Known are: {listed}.")

    for index, rule in enumerate(pack.rules):
        wanted("quota", rule.quota, quotas, "rules", index, "quota")
        if rule.condition:
            wanted("rule", rule.condition.first, rules, "rules", index, "condition")
            wanted("detection", rule.condition.repeat, detections, "rules", index, "condition")
        for place, assignment in enumerate(rule.assign):
            wanted("role", assignment.lead, roles, "rules", index, "assign", place)
    for index, metric in enumerate(pack.metrics):
        wanted("quota", metric.quota, quotas, "metrics", index, "quota")
        for name in metric.detections:
            wanted("detection", name, detections, "metrics", index, "detections")
    for index, step in enumerate(pack.report.chain):
        wanted("role", step.by, roles, "report", "chain", index)
    wanted("role", pack.on_result.report_to, roles, "on_result", "report_to")
    wanted("rating", pack.on_result.unsatisfactory_below, pack.form.scale, "on_result", "unsatisfactory_below")
    for section, names in (("rules", [r.id for r in pack.rules]), ("quotas", [q.id for q in pack.quotas])):
        for index, name in enumerate(names):
            if name in names[:index]:
                faults.append(f"{places.of((section, index))}: the id '{name}' is used twice. Rename one of them.")
    if faults:
        raise PackError("\n".join(faults))


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
            if parameter.get("choices") and values[name] not in parameter["choices"]:
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
    resolved = _resolve({k: v for k, v in document.items() if k != "parameters"}, settled.values, runtime, places, ())
    resolved["parameters"] = [dict(p) if isinstance(p, dict) else p for p in document.get("parameters") or []]
    for quota in resolved.get("quotas") or []:
        if isinstance(quota, dict) and isinstance(quota.get("rate"), dict):
            quota["decided"], quota["rate"] = quota["rate"].get("decided"), None
    try:
        pack = Pack.model_validate(resolved)
    except ValidationError as error:
        raise PackError(_explain(error, places)) from error
    _references(pack, places)
    digest = hashlib.sha256(file.read_bytes() + repr(sorted(settled.values.items(), key=str)).encode()).hexdigest()
    return LoadedPack(pack, file, digest, settled.on_default, settled.unset)


def require_complete(loaded: LoadedPack) -> None:
    """Refuse to activate while a parameter is neither set nor accepted by name."""
    if loaded.unset:
        names = ", ".join(loaded.unset)
        raise PackError(
            f"{loaded.path}: {loaded.pack.pack} leaves open: {names}. In organisation.yaml, set each under the pack's "
            f"'values', or accept its default by naming it under 'accept'."
        )
