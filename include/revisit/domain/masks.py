"""Personal data as screens, mails and reports may show it."""

import re

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")


def mask_name(name: str) -> str:
    """张三丰 becomes 张**: the family name and one star for each further character."""
    return name[:1] + "*" * (len(name) - 1)


def mask_phone(phone: str) -> str:
    """13812348000 becomes 138****8000; a landline keeps its last two digits."""
    masked = _PHONE.sub(r"\1****\2", phone)
    if masked != phone or len(phone) < 5:
        return masked
    return "*" * (len(phone) - 2) + phone[-2:]


def mask_text(text: str) -> str:
    """Free text with every mobile number in it masked."""
    return _PHONE.sub(r"\1****\2", text)
