"""Times as a person reads them: one way for all of the window."""


def clock(seconds: float) -> str:
    """65 is "1:05", an hour later "1:01:05"; half a second counts as a whole."""
    whole = int(seconds + 0.5)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours}:{minutes:02d}:{whole % 60:02d}"
    return f"{minutes}:{whole % 60:02d}"


def clock_ms(seconds: float) -> str:
    """65.25 is "1:05.250": the time of one frame."""
    whole_ms = round(1000 * seconds)
    return f"{clock(whole_ms // 1000)}.{whole_ms % 1000:03d}"
