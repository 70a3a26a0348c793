"""The person and vehicle detector that comes with the package: found, checked and opened."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from syncview.errors import InputError
from syncview.pipeline.onnx_session import open_session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from syncview.settings import MovementSettings

__all__ = ["WEIGHTS_SHA256", "Detector", "detector_as_dict", "open_detector", "weights_path", "why_no_detector"]

WEIGHTS_SHA256 = "8825721037bc403fd1caca28559adb9747660c15c1c86f79548808265848af7c"
_NAME = "NanoDet-g 416 (COCO)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detector:
    """An opened detector: `run` takes and gives what `syncview.detect.nanodet.find_figures_in` wants."""

    run: Callable[[NDArray[np.float32]], Sequence[NDArray[np.float32]]]


def weights_path() -> Path:
    """Where the weights are, or would be: they are fetched when the package is built (`make setup`)."""
    return Path(__file__).parents[1] / "detect" / "weights" / "nanodet.onnx"


def detector_as_dict() -> dict[str, object]:
    """What a result says of the detector, so that it can be had again; also what keeps cached results apart."""
    return {"name": _NAME, "sha256": WEIGHTS_SHA256}


def why_no_detector() -> str | None:
    """Tell why people and vehicles cannot be looked for, or None where they can. Opens no network: cheap.

    Returns
    -------
    str or None
        A reason in words for the reader of a result.
    """
    _, why = _weights()
    return why


def open_detector(settings: MovementSettings) -> Detector:
    """Open the detector, once for each process that looks at pictures.

    Parameters
    ----------
    settings : MovementSettings
        `threads`. What is found does not depend on it.

    Returns
    -------
    Detector
        Gives the same arrays for the same picture.

    Raises
    ------
    InputError
        The weights are not there or not the right ones; `why_no_detector` says the same.
    """
    content, why = _weights()
    if why is not None:
        raise InputError(why)
    session = open_session(content, threads=settings.threads)
    name = session.get_inputs()[0].name

    def run(batch: NDArray[np.float32]) -> Sequence[NDArray[np.float32]]:
        answer: Sequence[NDArray[np.float32]] = session.run(None, {name: batch})
        return answer

    return Detector(run=run)


def _weights() -> tuple[bytes, str | None]:
    """Bytes of the weights, and what is wrong with them."""
    try:
        content = weights_path().read_bytes()
    except OSError:
        return b"", "the weights of the person and vehicle detector are not installed (in a checkout: make setup)"
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        return b"", "the weights of the person and vehicle detector are not those of this version (make setup)"
    return content, None
