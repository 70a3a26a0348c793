"""Copies, carried sound and replays: what is found of each, and what is called so wrongly."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np

RATE_HZ = 16_000


def through_codec(samples: np.ndarray, codec: str, bit_rate: int, *, rate_hz: int = 48_000) -> np.ndarray:
    """What a codec leaves of sound, at its true time (priming taken off by the time stamps)."""
    muxer = {"aac": "mp4", "libopus": "ogg", "libopencore_amrnb": "3gp", "libmp3lame": "mp3"}[codec]
    if codec == "libopencore_amrnb":
        rate_hz = 8_000
    coded = io.BytesIO()
    with av.open(coded, "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.layout, stream.bit_rate = "mono", bit_rate
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate_hz)
        whole = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)
        for first in range(0, len(whole), RATE_HZ // 4):
            frame = av.AudioFrame.from_ndarray(whole[None, first : first + RATE_HZ // 4], "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, first, Fraction(1, RATE_HZ)
            for converted in resampler.resample(frame):
                container.mux(stream.encode(converted))
        for converted in resampler.resample(None):
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    coded.seek(0)
    out = np.zeros(len(samples) + 4 * RATE_HZ, np.float32)
    with av.open(coded) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE_HZ)
        at: int | None = None
        frames = [f for d in container.decode(audio=0) for f in resampler.resample(d)] + list(resampler.resample(None))
        for frame in frames:
            if at is None:
                at = 0 if frame.pts is None else round(float(frame.pts * frame.time_base) * RATE_HZ)
            part = frame.to_ndarray()[0]
            skip = max(0, -at)
            out[at + skip : at + len(part)] = part[skip : max(skip, len(out) - at)]
            at += len(part)
    return out[: len(samples)]
