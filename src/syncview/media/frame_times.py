"""When each frame of a file appears: the table that turns a moment into a frame number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.media.container import first_picture, open_media, recording_zero_s
from syncview.media.packets import survey_packets

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["frame_times_s"]


def frame_times_s(path: Path) -> NDArray[np.float64]:
    """Recording times of all frames of a file, from its packets; nothing is decoded.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    ndarray of float64, shape (n,)
        In seconds, ascending, without the frames that an edit list hides. Empty without a picture.

    Raises
    ------
    MediaError
        If the file cannot be opened.
    """
    with open_media(path) as container:
        picture = first_picture(container)
        if picture is None:
            return np.zeros(0)
        seen = survey_packets(container, [picture])[0][picture.index]
        return np.asarray(seen.pts * float(seen.time_base) - float(recording_zero_s(container)), dtype=np.float64)
