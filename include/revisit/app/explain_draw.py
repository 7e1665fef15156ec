"""Why drawn, or not drawn: the quota's arithmetic, the place in the batch, and the hash that anybody with the key can replay."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from revisit.app.wording import percent
from revisit.domain.draws import allowance, customer_rank, draw_rank, fingerprint
from revisit.language import Words
from revisit.policy.model import Pack, Rule
from revisit.store.database import rows

_SHOWN = "␟"  # how the unit separator between the parts of a hashed message is shown


@dataclass(frozen=True, slots=True)
class Draw:
    """One event's part in the draw of one stratum, as its batch came.

    `eligible_before` and `drawn_before`: of the stratum's earlier batches, without what was withdrawn since where
    `without_withdrawn`; `joined`, `drawn`: of this batch. `agrees`: whether ceil(rate * eligible) - drawn_before, or what is
    missing of `census_up_to`, gives `drawn`;
    `order_agrees`: whether the key of today puts this event on the `place` it was given, None with another key. `hit`: whether
    the lot drew it; `places`: the place it gave on since, and the one it took, which change nothing in the ledger.
    `unit`: what was counted. `customer`: whose place it is, where customers were; `leader`: the event (source/key) that brought
    the customer in, and whose batch this is; `sharing`: how many of the customer's events count there now.
    """

    quota: str
    name: str
    stratum: str
    rate: Fraction
    census_up_to: int
    batch_id: int
    received_on: str
    eligible_before: int
    drawn_before: int
    joined: int
    drawn: int
    without_withdrawn: bool
    agrees: bool
    position: int
    place: int
    hit: bool
    message: str
    rank: str
    key_fingerprint: str
    key_agrees: bool
    order_agrees: bool | None
    withdrawn: tuple[int, int]
    now: tuple[int, int]
    drawn_before_this_year: bool
    drawing_rule: str
    places: Sequence[Any]
    unit: str
    customer: str | None
    leader: str
    sharing: int

    @property
    def allowance(self) -> int:
        """How many of this batch were to be drawn."""
        return allowance(self.rate, self.eligible_before + self.joined, self.drawn_before, self.census_up_to)

    def as_dict(self) -> dict[str, Any]:
        """Every input, for JSON: the rate as a fraction, the hash as hexadecimal digits."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "rate": str(self.rate), "allowance": self.allowance, "withdrawn": list(self.withdrawn),
                "now": list(self.now), "places": [_plain(place) for place in self.places]}  # fmt: skip


def _plain(place: Any) -> dict[str, Any]:
    """A place that was given on, as JSON has it."""
    return {
        "gave" if place.gave else "took": True, "other": place.code, "event": f"{place.source}/{place.event_key}",
        "reason": place.reason, "note": place.note, "by": place.substituted_by, "on": str(place.substituted_on),
    }  # fmt: skip


def find(
    connection: Connection, key: bytes, pack: Pack, rule: Rule, row: Any, event: Any, given: Sequence[Any] = ()
) -> Draw | None:
    """The draw a decision rests on; None where nothing was drawn. `given`: the place it gave on since, and the one it took."""
    if row.numerator is None or rule.quota is None:
        return None
    ledger = rows(connection, "explain/find_ledger", quota_id=row.quota_id, stratum=row.stratum)
    quota = pack.quota(rule.quota)
    task = {"event_id": row.event_id, "rule_id": row.rule_id}
    shared = rows(connection, "explain/find_leader", **task) if quota.unit == "customer" else []
    leader = shared[0] if shared else event
    customer = leader.customer if shared else None
    entrants = rows(
        connection, "explain/find_entrants", quota_id=row.quota_id, stratum=row.stratum, batch_id=leader.first_batch_id
    )
    own = next(entry for entry in ledger if entry.batch_id == leader.first_batch_id)
    before = [entry for entry in ledger if entry.batch_id < own.batch_id]
    rate, least = Fraction(row.numerator, row.denominator), quota.census_up_to or 0
    gross = (sum(entry.eligible for entry in before), sum(entry.drawn for entry in before))
    gone = (sum(entry.eligible_withdrawn for entry in before), sum(entry.drawn_withdrawn for entry in before))
    net = (gross[0] - gone[0], gross[1] - gone[1])

    def gives(eligible: int, drawn: int) -> bool:
        due = min(allowance(rate, eligible + own.eligible, drawn, least), int(own.eligible))
        return due == int(own.drawn)

    without = not gives(*gross) and gives(*net)
    base = net if without else gross

    def rank(who: str | None, source: str, event_key: str) -> bytes:
        return draw_rank(key, quota.id, source, event_key) if who is None else customer_rank(key, quota.id, who)

    me = (leader.source, leader.event_key)
    ranked = sorted(
        entrants,
        key=lambda one: (one.drawn_before, rank(one.customer, one.source, one.event_key)),
    )
    places = {(one.source, one.event_key): place for place, one in enumerate(entrants, 1)}
    again = {(one.source, one.event_key): place for place, one in enumerate(ranked, 1)}
    key_agrees = own.key_fingerprint == fingerprint(key)
    withdrawn = (sum(e.eligible_withdrawn for e in ledger), sum(e.drawn_withdrawn for e in ledger))
    return Draw(
        quota=quota.id,
        name=quota.name,
        stratum=row.stratum,
        rate=rate,
        census_up_to=least,
        batch_id=own.batch_id,
        received_on=str(own.received_on),
        eligible_before=base[0],
        drawn_before=base[1],
        joined=own.eligible,
        drawn=own.drawn,
        without_withdrawn=without,
        agrees=gives(*base),
        position=row.draw_position,
        place=places[me],
        hit=all(place.gave for place in given) and bool(row.drawn or given),
        message="\x1f".join((quota.id, *me) if customer is None else (quota.id, "", customer)),
        rank=rank(customer, *me).hex(),
        key_fingerprint=own.key_fingerprint,
        key_agrees=key_agrees,
        order_agrees=places[me] == again[me] if key_agrees else None,
        withdrawn=withdrawn,
        now=(sum(e.eligible for e in ledger) - withdrawn[0], sum(e.drawn for e in ledger) - withdrawn[1]),
        drawn_before_this_year=next(one.drawn_before for one in entrants if (one.source, one.event_key) == me),
        drawing_rule=pack.drawing_rule(rule).id,
        places=given,
        unit=quota.unit,
        customer=customer,
        leader="/".join(me),
        sharing=shared[0].counted if shared else 1,
    )


def lines(say: Words, draw: Draw, pack: Pack, rule: Rule) -> list[str]:
    """The draw in words: quota, arithmetic, place, hash and key."""
    told = [
        say("{quota} {name}：比例 {rate}，分层 {stratum}", quota=draw.quota, name=draw.name, rate=percent(draw.rate),
            stratum=draw.stratum) if draw.stratum
        else say("{quota} {name}：比例 {rate}，不分层", quota=draw.quota, name=draw.name, rate=percent(draw.rate)),
        say("该层此前应查 {eligible} 件、已抽 {drawn} 件；批次 {batch}（{received} 收到）加入 {joined} 件",
            eligible=draw.eligible_before, drawn=draw.drawn_before, batch=draw.batch_id, received=draw.received_on,
            joined=draw.joined),
    ]  # fmt: skip
    if draw.unit == "customer":
        told.insert(1, say("按客户计数：同一客户在该层的事件算一件，同时抽中或同时不抽；没有客户的事件各算一件"))
    total = draw.eligible_before + draw.joined
    if draw.agrees:
        told.append(
            say("本批应抽 max(ceil({rate} × {total}), min({total}, {least})) − {before} = {allowance} 件", rate=draw.rate,
                total=total, least=draw.census_up_to, before=draw.drawn_before, allowance=draw.allowance)
            if draw.census_up_to
            else say("本批应抽 ceil({rate} × {total}) − {before} = {allowance} 件", rate=draw.rate, total=total,
                     before=draw.drawn_before, allowance=draw.allowance)
        )  # fmt: skip
    else:
        told.append(say("本批抽了 {drawn} 件；其后有撤出、补入或改定比例，无法由现有台账逐批还原", drawn=draw.drawn))
    told += _placed(say, draw)
    if draw.places:
        told.append(say("其后的替换不改变该层应查和已抽的件数，台账照抽样时所记"))
    if draw.drawn_before_this_year:
        told.append(say("客户本年已抽中过，排在未抽中过的客户之后"))
    if draw.drawing_rule != rule.id:
        first = pack.rule(draw.drawing_rule)
        told.append(say("与 {clause} {name} 同抽，抽一次即两条都定", clause=first.clause, name=first.name))
    if any(draw.withdrawn):
        told.append(
            say(
                "该层另有 {eligible} 件已撤出，其中已抽 {drawn} 件", eligible=draw.withdrawn[0], drawn=draw.withdrawn[1]
            )
        )
    told.append(say("该层现应查 {eligible} 件，已抽 {drawn} 件", eligible=draw.now[0], drawn=draw.now[1]))
    message = draw.message.replace("\x1f", _SHOWN)
    if not draw.key_agrees:
        told.append(
            say("排序时的密钥指纹为 {fingerprint}，与现用密钥不同，无法复算次序", fingerprint=draw.key_fingerprint)
        )
        return told
    told.append(
        say("排序依据：以抽样密钥对“{message}”（␟ 即 U+001F）作 HMAC-SHA256，小者在前：{rank}", message=message,
            rank=draw.rank)
    )  # fmt: skip
    told.append(
        say("密钥指纹 {fingerprint}，即现用密钥；以其复算，名次相同", fingerprint=draw.key_fingerprint)
        if draw.order_agrees
        else say(
            "密钥指纹 {fingerprint}，即现用密钥；以其复算，名次不同：本批分几次判定，或事件其后有变动",
            fingerprint=draw.key_fingerprint,
        )
    )
    return told


def _placed(say: Words, draw: Draw) -> list[str]:
    """The place in the batch: of the event, or of the customer whose events share it."""
    at = {"place": draw.place, "position": draw.position}
    if draw.customer is None:
        if draw.hit:
            return [say("本事件在本批排第 {place} 位（该层第 {position} 位）：抽中", **at)]
        return [say("本事件在本批排第 {place} 位（该层第 {position} 位）：未抽中", **at)]
    return [
        say("客户随 {event} 进入该层，现有 {count} 件事件共用这一名额", event=draw.leader, count=draw.sharing),
        say("客户在本批排第 {place} 位（该层第 {position} 位）：抽中", **at)
        if draw.hit
        else say("客户在本批排第 {place} 位（该层第 {position} 位）：未抽中", **at),
    ]
