"""The invented staff of the demonstration: what they write on a returned sheet, and how departments answer issues.

Everything follows from a hash of the question and the seed, so that a day can be answered again, in any order.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from revisit.sample.words import SCALE, SHORTCOMINGS, SUGGESTIONS

Result = Literal["reached", "unreached", "refused"]
Channel = Literal["door", "phone", "letter"]
_T = TypeVar("_T")
_BAD_CELLS = (("visited_on", "2026-13-40"), ("satisfaction", "还行"), ("result", "？"), ("visited_on", "昨天"))
_PLANS = (
    "安排{who}当日上门查明原因",
    "由{who}会同业主现场确认后返工",
    "{who}重新派单，更换责任人",
    "{who}约定时间复查并当面说明",
)
_SOLUTIONS = (
    "已返工，业主现场确认恢复正常",
    "已更换损坏部件，试用两天无异常",
    "已向业主说明并致歉，业主表示接受",
    "已调整班次，连续观察一周未再发生",
)
_REASONS = ("等待配件到货", "需与业主约定上门时间", "需第三方单位配合施工", "连续降雨，无法进行外墙作业")


@dataclass(frozen=True, slots=True)
class Answer:
    """A line of a returned sheet. `answered` is False where it is never filled in, and then the rest says nothing.

    `days_after_issue` is 0 for a visit on the day the list was issued. Ratings are words of the scale, empty where
    nobody was reached. `bad_cell` is a field and the unusable text written there instead of its value.
    """

    answered: bool
    result: Result
    channel: Channel
    days_after_issue: int
    quality: str
    effect: str
    satisfaction: str
    shortcomings: str
    suggestions: str
    solved: bool
    second_visit: bool
    bad_cell: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Response:
    """How a department answers an issue: `workdays` after it was received, None for never.

    `extension_workdays` more are asked for, with a reason, `extension_after` working days from receipt (before the
    deadline of five); 0 where none is asked for.
    """

    workdays: int | None
    extension_after: int
    extension_workdays: int
    extension_reason: str
    plan: str
    solution: str


class _Dice:
    """Numbers in [0, 1) that follow from a text and a seed; each question has its own."""

    def __init__(self, *identity: object) -> None:
        self._identity = "\x1f".join(map(str, identity))

    def roll(self, question: str) -> float:
        digest = hashlib.blake2b(f"{self._identity}\x1f{question}".encode(), digest_size=8).digest()
        return (int.from_bytes(digest) >> 11) / (1 << 53)

    def pick(self, question: str, choices: Sequence[_T]) -> _T:
        return choices[int(self.roll(question) * len(choices))]

    def weighted(self, question: str, choices: Sequence[tuple[_T, float]]) -> _T:
        left = self.roll(question) * sum(weight for _, weight in choices)
        for choice, weight in choices:
            left -= weight
            if left < 0:
                return choice
        return choices[-1][0]


_RESULTS: tuple[tuple[Result, float], ...] = (("reached", 0.94), ("unreached", 0.04), ("refused", 0.02))
_CHANNELS: tuple[tuple[Channel, float], ...] = (("door", 0.45), ("phone", 0.5), ("letter", 0.05))
_DAYS = ((0, 0.35), (1, 0.4), (2, 0.17), (3, 0.04), (5, 0.03), (8, 0.01))
_GOOD = ((SCALE[0], 0.38), (SCALE[1], 0.44), (SCALE[2], 0.18))
_BAD = ((SCALE[3], 0.78), (SCALE[4], 0.22))


def answer(event_key: str, clause: str, area: str, seed: int) -> Answer:
    """The line for one duty: about 4 % unsatisfactory or unsolved, 5 % never answered, 2 % with a bad cell.

    Clauses of the regulation 3.22 (PM) allow visits at the door only. Areas differ: some have a few more complaints.
    """
    dice = _Dice("answer", event_key, clause, seed)
    unlucky = 0.025 + 0.03 * _Dice("area", area, seed).roll("trouble")
    result = dice.weighted("result", _RESULTS)
    reached = result == "reached"
    unhappy = reached and dice.roll("unhappy") < unlucky
    rating = _BAD if unhappy else _GOOD
    solved = not (unhappy and dice.roll("solved") < 0.6)
    words = ("quality", "effect", "satisfaction")
    quality, effect, satisfaction = (dice.weighted(word, rating) if reached else "" for word in words)
    return Answer(
        answered=dice.roll("answered") >= 0.05,
        result=result,
        channel="door" if clause.startswith("PM") else dice.weighted("channel", _CHANNELS),
        days_after_issue=dice.weighted("days", _DAYS),
        quality=quality,
        effect=effect,
        satisfaction=satisfaction,
        shortcomings=dice.pick("shortcomings", SHORTCOMINGS) if unhappy else "",
        suggestions=dice.pick("suggestions", SUGGESTIONS) if reached and dice.roll("says") < 0.15 else "",
        solved=solved,
        second_visit=not solved or (reached and dice.roll("second") < 0.01),
        bad_cell=dice.pick("cell", _BAD_CELLS) if dice.roll("bad") < 0.02 else None,
    )


def respond(issue_id: int, department: str, seed: int) -> Response:
    """How one department answers one issue: most in 1 to 5 working days, some late, about one in twenty never."""
    dice = _Dice("respond", issue_id, department, seed)
    chances = (
        (1, 0.16),
        (2, 0.2),
        (3, 0.2),
        (4, 0.14),
        (5, 0.1),
        (6, 0.06),
        (7, 0.04),
        (8, 0.03),
        (9, 0.02),
        (None, 0.05),
    )
    workdays = dice.weighted("workdays", chances)
    asks = workdays is not None and workdays > 5 and dice.roll("asks") < 0.5
    return Response(
        workdays=workdays,
        extension_after=1 + int(dice.roll("after") * 4) if asks else 0,
        extension_workdays=2 + int(dice.roll("more") * 4) if asks else 0,
        extension_reason=dice.pick("reason", _REASONS) if asks else "",
        plan="" if workdays is None else dice.pick("plan", _PLANS).format(who=department),
        solution="" if workdays is None else dice.pick("solution", _SOLUTIONS),
    )
