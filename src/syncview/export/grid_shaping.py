"""Right-to-left words for a drawer that only sets letter after letter, from left to right.

FriBiDi and HarfBuzz do this well, but Pillow's wheels find FriBiDi only where the system has it, as Windows and macOS
have not. This does what names of files need: the joined forms of Arabic letters, which Unicode has as characters of
their own, and the order of scripts in one line (rules of UAX 9 without embeddings). Vowel marks are left out.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["in_drawing_order", "isolated"]

_ISOLATES = "\u2068\u2069"
_FORMS = (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD))
_LAM, _KASHIDA = "\u0644", "\u0640"
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def isolated(name: str) -> str:
    """A name that cannot turn the words around it, whatever letters it is of."""
    return f"{_ISOLATES[0]}{name}{_ISOLATES[1]}"


def in_drawing_order(words: str) -> str:
    """Characters as they stand from left to right, Arabic letters in their joined forms.

    Parameters
    ----------
    words : str
        One line; what stands between U+2068 and U+2069 is laid out for itself.

    Returns
    -------
    str
        Without marks and isolates.

    Examples
    --------
    >>> [hex(ord(char)) for char in in_drawing_order("بعد")]
    ['0xfeaa', '0xfecc', '0xfe91']
    >>> in_drawing_order("שלום 12 (a).mp4")
    'mp4.(a) 12 םולש'
    """
    parts = words.replace(_ISOLATES[1], _ISOLATES[0]).split(_ISOLATES[0])
    return "".join(_ordered(_joined(part)) for part in parts)


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, str]]:
    """Joined forms by letter (or lam and alef) and place in the word, from Unicode's own table."""
    forms: dict[str, dict[str, str]] = {}
    for code in _FORMS:
        place, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if place in ("<isolated>", "<initial>", "<medial>", "<final>") and 1 <= len(letters) <= 2:
            text = "".join(chr(int(letter, 16)) for letter in letters)
            if len(text) == 1 or text[0] == _LAM:
                forms.setdefault(text, {}).setdefault(place[1:-1], chr(code))
    return forms


def _joined(words: str) -> str:
    forms = _forms()
    letters: list[str] = []
    for char in words:
        if unicodedata.bidirectional(char) == "NSM":
            continue
        if letters and letters[-1] == _LAM and _LAM + char in forms and "final" in forms[_LAM + char]:
            letters[-1] += char
        else:
            letters.append(char)
    out = []
    for index, letter in enumerate(letters):
        before = index > 0 and _joins_on(letters[index - 1]) and _joins_back(letter)
        after = index + 1 < len(letters) and _joins_on(letter) and _joins_back(letters[index + 1])
        place = ("isolated", "initial", "final", "medial")[after + 2 * before]
        out.append(forms.get(letter, {}).get(place, letter))
    return "".join(out)


def _joins_on(letter: str) -> bool:
    """Whether a letter reaches out to the one after it."""
    return letter == _KASHIDA or "initial" in _forms().get(letter, {})


def _joins_back(letter: str) -> bool:
    return letter == _KASHIDA or "final" in _forms().get(letter, {})


def _ordered(words: str) -> str:
    ways = (unicodedata.bidirectional(char) for char in words)
    base = next((int(way != "L") for way in ways if way in ("L", "R", "AL")), 0)
    kinds = _kinds(words, base)
    _settle_brackets(words, kinds, base)
    levels = [_level(kind, base) for kind in _without_neutrals(kinds, base)]
    chars = [char.translate(_MIRRORED) if level % 2 else char for char, level in zip(words, levels, strict=True)]
    for least in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(chars):
            end = start
            while end < len(chars) and levels[end] >= least:
                end += 1
            chars[start:end] = chars[start:end][::-1]
            levels[start:end] = levels[start:end][::-1]
            start = end + 1
    return "".join(chars)


def _kinds(words: str, base: int) -> list[str]:
    """L, R, N for numbers, O for what takes its direction from its neighbours."""
    kinds = []
    strong = "LR"[base]
    for char in words:
        way = unicodedata.bidirectional(char)
        kind = {"L": "L", "R": "R", "AL": "R", "EN": "N", "AN": "N"}.get(way, "O")
        strong = kind if kind in "LR" else strong
        kinds.append("L" if kind == "N" and strong == "L" else kind)
    for index in range(1, len(words) - 1):
        inside = kinds[index - 1] == kinds[index + 1] == "N"
        if inside and unicodedata.bidirectional(words[index]) in ("ES", "CS"):
            kinds[index] = "N"
    return kinds


def _settle_brackets(words: str, kinds: list[str], base: int) -> None:
    """Give both brackets of a pair one direction (rule N0): that of the line if it occurs inside them."""
    own, other = ("L", "R") if base == 0 else ("R", "L")
    for start, end in _pairs(words):
        inside = {kind.replace("N", "R") for kind in kinds[start + 1 : end]} - {"O"}
        before = next((kind.replace("N", "R") for kind in reversed(kinds[:start]) if kind != "O"), own)
        if own in inside:
            kinds[start] = kinds[end] = own
        elif other in inside:
            kinds[start] = kinds[end] = other if before == other else own


def _pairs(words: str) -> list[tuple[int, int]]:
    """Places of opening and closing brackets that belong together, in the order of the opening ones."""
    opened: list[int] = []
    found = []
    for index, char in enumerate(words):
        if char in "([{":
            opened.append(index)
        elif char in ")]}":
            match = next((at for at in reversed(opened) if words[at] == char.translate(_MIRRORED)), None)
            if match is not None:
                found.append((match, index))
                del opened[opened.index(match) :]
    return sorted(found)


def _without_neutrals(kinds: list[str], base: int) -> list[str]:
    out = list(kinds)
    index = 0
    while index < len(out):
        end = index
        while end < len(out) and out[end] == "O":
            end += 1
        if end > index:
            own = "LR"[base]
            left = own if index == 0 else out[index - 1].replace("N", "R")
            right = own if end == len(out) else out[end].replace("N", "R")
            out[index:end] = [left if left == right else own] * (end - index)
        index = end + 1
    return out


def _level(kind: str, base: int) -> int:
    if kind == "R":
        return 1
    return 2 if kind == "N" or base else 0
