"""Networks opened so that the same input gives the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_session"]


def open_session(model: Path | bytes, *, threads: int) -> Any:
    """Open an ONNX model on the processor.

    Parameters
    ----------
    model : Path or bytes
        Its file, or what is in it.
    threads : int
        How many work on one answer, which does not depend on it.

    Returns
    -------
    onnxruntime.InferenceSession
        onnxruntime has no types.
    """
    import onnxruntime  # slow to import, and needed only in workers

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.use_deterministic_compute = True
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting must not cost others their core
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
