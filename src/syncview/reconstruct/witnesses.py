"""Who is one witness: copies of one recording count once, whichever clock each of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["witness_of"]


def witness_of(
    names: Iterable[str], copies: Iterable[Iterable[str]], *, devices: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Witness of every recording.

    Parameters
    ----------
    names : iterable of str
        Ids of recordings.
    copies : iterable of iterable of str
        Ids that are one recording each time: of files of the same bytes, of one recording uploaded again.
    devices : mapping of str to str, optional
        Device by recording id; files of one device are one witness.

    Returns
    -------
    dict of str to str
        For each of `names` the first id of its witness. A copy of a copy is one witness with both.

    Examples
    --------
    >>> witness_of(["a", "b", "c", "d"], [("b", "c"), ("c", "d")])
    {'a': 'a', 'b': 'b', 'c': 'b', 'd': 'b'}
    """
    shared: dict[str, list[str]] = {}
    for name, device in (devices or {}).items():
        shared.setdefault(device, []).append(name)
    witness: dict[str, frozenset[str]] = {name: frozenset((name,)) for name in names}
    for same in (*copies, *shared.values()):
        joined = frozenset().union(*(witness.get(name, frozenset((name,))) for name in same))
        witness |= dict.fromkeys(joined, joined)
    return {name: min(witness[name]) for name in sorted(witness)}
