"""What names a source, without what may be secret; loads nothing: the window asks."""

import re

_SCHEME = re.compile(r"[^\s:/']*://")


def public_name(url: str) -> str:
    """The address without what may be secret: see `redact`."""
    return redact(url)


def redact(text: str) -> str:
    """`text`, its addresses without user and password and what follows a ? or #.

    Nor what follows "password=" and the like, which some cameras want in the path.
    An address alone goes to the end of its line, blanks and all; one amid a sentence,
    to the next quotation mark. What may be a password is taken for one.
    """
    if is_address := bool(_SCHEME.match(text.lstrip())):
        within, ends = r"[^\n]", r"\n"
    else:
        within, ends = r"[^\s']", rf"[\n']|{_SCHEME.pattern}"
    start = "^" if is_address else ""  # a password may hold "://"
    address = re.compile(
        rf"{start}(\s*(?!file:)[^\s:/']*://)((?:(?!{ends}).)*)@", re.IGNORECASE | re.M
    )
    text = address.sub(lambda found: found[1] + _host_part(found[2]), text)
    text = re.sub(rf"(://{within}*?)[?#]{within}*", r"\1", text)
    secret = rf"(://{within}*?(?:pass\w*|pwd|token|secret|key|auth)=){within}*"
    return re.sub(secret, r"\1...", text, flags=re.IGNORECASE)


def _host_part(user: str) -> str:
    """Nothing, where what stands before an @ may be a user and a password."""
    if ":" in user or "/" not in user:
        return ""
    return user[user.rfind("@", 0, user.find("/")) + 1 :] + "@"
