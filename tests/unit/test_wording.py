"""The sentences on a list."""

import pytest

from histories import shipped
from revisit.app.wording import channel_words
from revisit.policy.model import Channels


@pytest.mark.parametrize(
    ("pack", "rule", "words"),
    [
        ("life-insurance-new-contract", "branch", "；以电话为先，也可上门（LN-08）"),
        ("life-insurance-new-contract", "central", "；方式限电话（LN-04）"),
        ("property-qw-21-14", "complaint", ""),
    ],
)
def test_a_line_tells_how_the_contact_may_be_made(pack: str, rule: str, words: str) -> None:
    one = shipped(pack).pack
    assert channel_words(one, one.rule(rule)) == words


def test_the_channel_that_goes_first_is_one_of_several_allowed() -> None:
    for allowed in (("phone",), ("door", "letter")):
        with pytest.raises(ValueError, match="'preferred' is one of several 'allowed' channels"):
            Channels(allowed=allowed, preferred="phone")
