"""What the generator takes from the workspace's organisation.yaml: lines, areas and who answers for what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from revisit.errors import ConfigError
from revisit.policy.load import LoadedPack
from revisit.policy.model import Pack, Quota
from revisit.settings import Organisation

Texts = npt.NDArray[np.object_]
Indexes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estate:
    """The areas by position (codes, names, lines, service centres, administrators), and the rules of each line."""

    organisation: Organisation
    codes: Texts
    names: Texts
    lines: Texts
    centres: Texts
    administrators: Texts
    packs: Mapping[str, Pack]

    def answerable(self, word: str) -> Texts:
        """For each area the code of its line's first department whose name contains `word`, else its service centre."""
        found: dict[str, str] = {}
        for department in self.organisation.departments:
            if word in department.name and department.code not in set(self.centres):
                found.setdefault(department.line, department.code)
        own = zip(self.lines, self.centres, strict=True)
        return np.array([found.get(line, centre) for line, centre in own], dtype=object)

    def rate(self, quota: Quota, month: date) -> tuple[int, int] | None:
        """A quota's rate as a fraction, for a month where a role decides it; None while it is undecided."""
        if quota.rate is not None:
            return quota.rate.as_integer_ratio()
        for decided in self.organisation.rates:
            if decided.parameter == quota.decided and decided.period == month:
                return decided.rate.as_integer_ratio()
        return None


def estate(organisation: Organisation, packs: Mapping[str, LoadedPack]) -> Estate:
    """Read the organisation. Raises ConfigError where it has no areas, for there would be nowhere to live."""
    if not organisation.areas:
        raise ConfigError("organisation.yaml: the sample needs at least one area. Add one under 'areas'.")
    line_of = {department.code: department.line for department in organisation.departments}

    def column(values: list[str]) -> Texts:
        return np.array(values, dtype=object)

    return Estate(
        organisation=organisation,
        codes=column([area.code for area in organisation.areas]),
        names=column([area.name for area in organisation.areas]),
        lines=column([line_of[area.department] for area in organisation.areas]),
        centres=column([area.department for area in organisation.areas]),
        administrators=column([area.administrator for area in organisation.areas]),
        packs={use.line: packs[use.pack].pack for use in organisation.packs},
    )
