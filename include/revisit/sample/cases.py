"""Complaints and calls for help."""

import numpy as np
import pandas as pd

from revisit.sample.dirt import Dirt, enter_twice, later, mark, register_late, space_out, spoil
from revisit.sample.ledger import Chains, Ground, ledger, shift
from revisit.sample.words import COMPLAINTS, HELPS

_AGAIN = Chains(share=0.05, extra=(1, 2), gap=(5, 75))
_LONG = "（来信全文）" + "此事已多次反映，至今没有答复，请尽快处理。" * 30


def complaints(rng: np.random.Generator, dirt: Dirt, at: Ground, count: int) -> pd.DataFrame:
    """Every version of every complaint, with the department accused."""
    accused = np.array([at.place.answerable(word) for _, word in COMPLAINTS], dtype=object)
    frame = ledger(rng, at, tuple(matter for matter, _ in COMPLAINTS), round(count / 1.07), "TS", 40, _AGAIN)
    trapped = (frame["item"] == "电梯困人").to_numpy()
    frame["severity"] = np.where(rng.random(len(frame)) < np.where(trapped, 0.4, 0.05), "重大", "一般")
    frame["department_code"] = accused[frame["_matter"].to_numpy(), frame["_area"].to_numpy()]
    frame["status"] = "已办结"
    dirt.begin("complaint", len(frame))
    versions = [spoil(frame, dirt, rng)]
    frame.loc[mark(frame, dirt.take("blank_severity", 0.0015), "severity"), "severity"] = None
    frame.loc[mark(frame, dirt.take("unknown_department", 0.001), "department"), "department_code"] = "BM-99"
    frame.loc[mark(frame, dirt.take("letter_pasted_whole", 0.001), "long"), "content"] = _LONG
    versions.append(enter_twice(frame, dirt))
    versions.append(later(frame, dirt.take("withdrawn", 0.006), rng, 12).assign(status="已撤诉"))
    graver = later(frame, dirt.take("found_graver", 0.008), rng, 6)
    versions.append(graver.assign(severity=np.where(graver["severity"] == "重大", "一般", "重大")))
    versions += _reopen(frame, dirt, rng)
    register_late(frame, dirt, rng)
    space_out(frame, dirt, ("number", "item"))
    return pd.concat([frame, *versions], ignore_index=True).rename(
        columns={"number": "complaint_no", "opened_at": "reported_at", "completed_at": "closed_at"}
    )


def _reopen(frame: pd.DataFrame, dirt: Dirt, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    opened = later(frame, dirt.take("reopened", 0.008), rng, 10).assign(status="重新处理")
    closed = later(opened.reset_index(drop=True), np.arange(len(opened)), rng, 6).assign(status="已办结")
    closed["completed_at"] = shift(closed["completed_at"], closed["visible_from"] - closed["_day"])
    closed["_day"] = closed["visible_from"]
    return opened, closed


def help_records(rng: np.random.Generator, dirt: Dirt, at: Ground, count: int) -> pd.DataFrame:
    """Every version of every call for help; the service centre of the area answers."""
    frame = ledger(rng, at, HELPS, count, "QZ", 2)
    frame["category"] = np.where(frame["item"].isin(["突发疾病", "老人摔倒"]), "急救", "求助")
    frame["department_code"] = at.place.centres[frame["_area"].to_numpy()]
    frame["status"] = "已结束"
    dirt.begin("help_record", len(frame))
    versions = [spoil(frame, dirt, rng)]
    versions.append(later(frame, dirt.take("false_alarm", 0.004), rng, 5).assign(status="误报"))
    register_late(frame, dirt, rng)
    return pd.concat([frame, *versions], ignore_index=True).rename(
        columns={"number": "help_no", "opened_at": "called_at", "completed_at": "ended_at"}
    )
