"""The least that any tool must do with footage: `python -m benchmarks.decoding both|sound FILES...`.

Hashes every file and decodes its sound, and with "both" its picture too, with the threads that FFmpeg takes.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import av


def main(what: str, paths: list[Path]) -> None:
    """Read and decode, keep nothing."""
    for path in paths:
        hashlib.sha256(path.read_bytes()).hexdigest()
        for kind in ("audio", "video") if what == "both" else ("audio",):
            with av.open(str(path)) as container:
                stream = container.streams.get({kind: 0})[0]
                stream.thread_type = "AUTO"
                for packet in container.demux(stream):
                    packet.decode()


if __name__ == "__main__":
    main(sys.argv[1], [Path(name) for name in sys.argv[2:]])
