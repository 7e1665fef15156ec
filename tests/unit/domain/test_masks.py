"""What a screen may show of a person."""

from revisit.domain.masks import mask_name, mask_phone, mask_text


def test_a_name_keeps_its_family_name() -> None:
    assert mask_name("欧阳修") == "欧**"


def test_a_mobile_number_keeps_three_and_four_digits() -> None:
    assert mask_phone("13812348000") == "138****8000"


def test_a_number_in_a_sentence_is_masked_and_an_order_number_is_not() -> None:
    assert mask_text("请打13812348000，单号2026100800012345") == "请打138****8000，单号2026100800012345"
