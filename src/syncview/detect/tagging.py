"""What an audio tagger of the user's own says of the sound around each detection: named beside it, never counted.

No tagger comes with the package. One that a person brings was trained on other sound than this, so that its labels
are a hint for the reviewer; no score is changed by them.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.model import AudioClip, Detection

__all__ = ["checked_scores", "parse_labels", "top_labels", "windows_around", "with_labels"]

_BEFORE_SHARE = 0.25  # of a window: what was there before, so that the onset is heard as one
_NAMES = ("display_name", "label", "name")  # columns of AudioSet's list, and of plain ones


def parse_labels(text: str, *, name: str) -> tuple[str, ...]:
    r"""Read the labels of a tagger, in the order of its outputs.

    Parameters
    ----------
    text : str
        CSV: with a header, the column ``display_name``, ``label`` or ``name`` (AudioSet's ``index,mid,display_name``);
        without one, a label to a line.
    name : str
        What messages call the file.

    Returns
    -------
    tuple of str

    Raises
    ------
    InputError
        No labels, an empty one, or none of the columns.

    Examples
    --------
    >>> parse_labels('index,mid,display_name\n0,/m/09x0r,Speech\n1,/m/014zdl,"Explosion, far"\n', name="labels.csv")
    ('Speech', 'Explosion, far')
    >>> parse_labels("Speech\nExplosion\n", name="labels.csv")
    ('Speech', 'Explosion')
    """
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    column = next((rows[0].index(known) for known in _NAMES if rows and known in rows[0]), None)
    if column is None and any(len(row) > 1 for row in rows):
        message = f"{name}: none of the columns {', '.join(_NAMES)} in its first line"
        raise InputError(message, hint="give one label to a line, or a header that names the column")
    labels = [row[column].strip() if column < len(row) else "" for row in rows[1:]] if column is not None else None
    labels = [row[0].strip() for row in rows] if labels is None else labels
    if not labels or not all(labels):
        what = f"label {labels.index('') + 1} is empty" if labels else "no labels"
        message = f"{name}: {what}"
        raise InputError(message)
    return tuple(labels)


def windows_around(clip: AudioClip, times_s: Sequence[float], *, rate_hz: int, window_s: float) -> NDArray[np.float32]:
    """Cut the sound around some moments, at a tagger's rate.

    Parameters
    ----------
    clip : AudioClip
        The sound.
    times_s : sequence of float
        Recording times; each window begins a quarter of its length before.
    rate_hz : int
        The tagger's sampling rate.
    window_s : float
        Length of a window.

    Returns
    -------
    ndarray of float32, shape (times, round(window_s * rate_hz))
        Full scale +-1; beyond the ends of the recording zeros.
    """
    from scipy import signal  # slow to import, and needed only with a tagger

    count, own = round(window_s * rate_hz), round(window_s * clip.rate_hz)
    windows = np.zeros((len(times_s), count), np.float32)
    for row, time_s in zip(windows, times_s, strict=True):
        begin = round((time_s - clip.start_s - _BEFORE_SHARE * window_s) * clip.rate_hz)
        piece = np.zeros(own, np.float64)
        first, last = max(begin, 0), min(begin + own, len(clip.samples))
        if first < last:
            piece[first - begin : last - begin] = clip.samples[first:last]
        part = signal.resample_poly(piece, rate_hz, clip.rate_hz)[:count]
        row[: len(part)] = np.clip(part, -1.0, 1.0)
    return windows


def checked_scores(scores: NDArray[np.generic], *, windows: int, labels: int, name: str) -> NDArray[np.float64]:
    """Check what a tagger gave before anything is said of it.

    Parameters
    ----------
    scores : ndarray
        Its output.
    windows, labels : int
        The shape that it must have.
    name : str
        What messages call the tagger.

    Returns
    -------
    ndarray of float64, shape (windows, labels)

    Raises
    ------
    InputError
        Another shape, or values that are no scores from 0 to 1.
    """
    if scores.shape != (windows, labels):
        message = f"tagger {name}: expected scores of shape ({windows}, {labels}), one a label, got {scores.shape}"
        raise InputError(message, hint="the labels must be those of this model")
    values = np.asarray(scores, np.float64)
    if not np.isfinite(values).all() or values.min() < -1e-6 or values.max() > 1.0 + 1e-6:
        message = f"tagger {name}: its output is no score from 0 to 1"
        raise InputError(message, hint="the model must end in a sigmoid or softmax")
    return np.clip(values, 0.0, 1.0)


def top_labels(scores: NDArray[np.float64], labels: Sequence[str], *, count: int) -> tuple[tuple[str, float], ...]:
    """Labels that a tagger scores highest, for one window.

    Parameters
    ----------
    scores : ndarray of float64, shape (labels,)
        From 0 to 1.
    labels : sequence of str
        Their names.
    count : int
        How many.

    Returns
    -------
    tuple of (str, float)
        The highest first; of equal ones the earlier.

    Examples
    --------
    >>> top_labels(np.array([0.1, 0.7, 0.7]), ("Speech", "Explosion", "Boom"), count=2)
    (('Explosion', 0.7), ('Boom', 0.7))
    """
    order = np.argsort(-scores, kind="stable")[:count]
    return tuple((labels[k], round(float(scores[k]), 4)) for k in order)


def with_labels(detection: Detection, found: Sequence[tuple[str, float]], *, name: str) -> Detection:
    """Add what a tagger says to a detection's measures and reasons; its score stays.

    Parameters
    ----------
    detection : Detection
        The detection.
    found : sequence of (str, float)
        From `top_labels`.
    name : str
        The tagger's.

    Returns
    -------
    Detection
    """
    measures = tuple((f"tagger_{label}", score) for label, score in found)
    said = ", ".join(f"{label} {score:.2f}" for label, score in found)
    return replace(
        detection,
        measures=(*detection.measures, *measures),
        reasons=(*detection.reasons, f"tagger {name}: {said} (not part of the score)"),
    )
