"""An explanation: a sentence, the facts it rests on in words, and the same as plain values."""

from collections.abc import Mapping
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


def event_lines(say: Words, event: Any, zone: str) -> list[str]:
    """What a decision is about: source, version, kind, moment, term."""
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
    return told
