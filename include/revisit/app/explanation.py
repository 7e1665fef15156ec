"""An explanation: a sentence, the facts it rests on in words, and the same as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from revisit.app.wording import EVENTS
from revisit.language import Words


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence, then facts as (heading, lines). `inputs`: what the facts were worked out from, as plain values."""

    subject: str
    sentence: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: `revisit.domain.derivation.recompute` works the days out from it again."""
        facts = {name: list(lines) for name, lines in self.facts}
        return {"subject": self.subject, "sentence": self.sentence, "facts": facts, **self.inputs}


def event_lines(say: Words, event: Any, zone: str, merges: Sequence[Any]) -> list[str]:
    """What a decision is about: source, version, kind, moment, term; what people merged its matter into (find_merges)."""
    moment = event.happened_at.astimezone(ZoneInfo(zone))
    told = [
        say("{source}/{key} 第 {version} 版，批次 {batch}，{day} 收到", source=event.source, key=event.event_key,
            version=event.version, batch=event.batch_id, day=event.received_on),
        say("{kind}，{moment}（{zone}）", kind=say(EVENTS[event.kind]), moment=f"{moment:%Y-%m-%d %H:%M}", zone=zone),
    ]  # fmt: skip
    if event.starts_on or event.ends_on:
        told.append(
            say("{first} 至 {last}", first=event.starts_on or say("未填写"), last=event.ends_on or say("未填写"))
        )
    if event.cancelled:
        told.append(say("来源系统已撤销该事项"))
    return told + [_merge_line(say, row) for row in merges]


def _merge_line(say: Words, row: Any) -> str:
    """Who said that two matters are one, when and why; and who took it back. Names and reasons end with retention."""
    merged = say("{day} {by}将“{matter}”并入“{into}”（合并 {number} 号）：{reason}", day=row.merged_on,
                 by=row.merged_by or "—", matter=row.matter, into=row.into_matter, number=row.merge_id,
                 reason=row.reason or "—")  # fmt: skip
    if row.undone_on is None:
        return merged
    undone = say("{day} {by}撤销：{reason}", day=row.undone_on, by=row.undone_by or "—", reason=row.undo_reason or "—")
    return say("；").join([merged, undone])
