"""Clips whose frames carry their numbers, for pages that show them."""

from fractions import Fraction

import av
import numpy as np

BITS, CELL_PX, RATE = 12, 16, 25


def numbered_video(path, duration_s):
    """Write a clip whose every frame carries its number as a row of black and white cells."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "18"})
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        for number in range(int(duration_s * RATE)):
            picture = np.full((180, 320, 3), 90, np.uint8)
            for bit in range(BITS):
                picture[:CELL_PX, bit * CELL_PX : (bit + 1) * CELL_PX] = 255 * (number >> bit & 1)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
