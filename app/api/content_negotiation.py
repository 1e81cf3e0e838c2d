"""Which of several media types a client prefers, by its Accept header."""

from collections.abc import Sequence


def preferred(accept: str, offered: Sequence[str]) -> tuple[str, str]:
    """Return the offered media type that the header prefers, and the part of the header that names it.

    The first one offered wins a tie, and is also returned when the header accepts none. Source: RFC 9110, 12.5.1.
    """
    best, named, best_quality = offered[0], "", 0.0
    ranges = [_parse(one) for one in accept.split(",")]
    for media_type in offered:
        matching = [found for found in ranges if _matches(found[0], media_type)]
        if matching:
            pattern, quality, text = min(matching, key=lambda found: (found[0].count("*"), -found[1]))
            if quality > best_quality:
                best, named, best_quality = media_type, text if pattern == media_type else "", quality
    return best, named


def _parse(text: str) -> tuple[str, float, str]:
    """Return a media range's pattern and quality, and its text; a quality that is no number counts as 0."""
    pattern, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
    try:
        return pattern, float(quality), text.strip()
    except ValueError:
        return pattern, 0.0, text.strip()


def _matches(pattern: str, media_type: str) -> bool:
    return pattern in (media_type, media_type.split("/", maxsplit=1)[0] + "/*", "*/*")
