"""Questions that benchmarks put to a timeline, by file name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["Reading"]


class Reading:
    """A timeline as JSON (DESIGN section 7), asked by the names of the files.

    Parameters
    ----------
    timeline : dict
        What `syncview run` wrote.
    """

    def __init__(self, timeline: dict[str, Any]) -> None:
        self.timeline = timeline
        self.ids: dict[str, str] = {Path(r["path"]).name: r["id"] for r in timeline["recordings"]}
        self.names = {id_: name for name, id_ in self.ids.items()}

    def group_of(self, name: str) -> dict[str, Any] | None:
        """The group whose clock a file is on."""
        groups: list[dict[str, Any]] = self.timeline["groups"]
        return next((g for g in groups if any(c["recording_id"] == self.ids[name] for c in g["clocks"])), None)

    def together(self, *names: str) -> bool:
        """Whether all these files are on one clock."""
        groups = [self.group_of(name) for name in names]
        return None not in groups and len({g["id"] for g in groups if g}) == 1

    def placed(self, name: str) -> bool:
        """Whether a file is on one clock with any other."""
        group = self.group_of(name)
        return group is not None and len(group["clocks"]) > 1

    def segments(self, name: str, of: str = "audio") -> list[dict[str, Any]]:
        """The stretches of a file's clock that hold for its sound ("audio") or picture ("video"), in order."""
        group = self.group_of(name)
        if group is None:
            return []
        clock = next(c for c in group["clocks"] if c["recording_id"] == self.ids[name])
        fitting = [s for s in clock["segments"] if s["applies_to"] in (of, "both")]
        return sorted(fitting, key=lambda s: float(s["start_s"]))

    def group_time_s(self, name: str, recording_s: float, of: str = "audio") -> float | None:
        """Group time of a moment of a file; None where its clock says nothing of it."""
        for segment in self.segments(name, of):
            if segment["start_s"] - 1e-6 <= recording_s <= segment["end_s"] + 1e-6:
                return float(segment["offset_s"] + recording_s * (1 + segment["drift_ppm"] * 1e-6))
        return None

    def error_s(self, a: str, a_s: float, b: str, b_s: float, of: str = "audio") -> float | None:
        """How far apart two moments stand that are one; None unless both are on one clock."""
        if not self.together(a, b):
            return None
        at_a, at_b = self.group_time_s(a, a_s, of), self.group_time_s(b, b_s, of)
        return None if at_a is None or at_b is None else at_b - at_a

    def drift_ppm(self, name: str) -> float | None:
        """Drift of a file against its group's reference, of its longest segment; None when it has no clock."""
        own = self.segments(name)
        if not own:
            return None
        return float(max(own, key=lambda s: s["end_s"] - s["start_s"])["drift_ppm"])

    def findings(self, kind: str, *names: str) -> list[dict[str, Any]]:
        """Findings of a kind that name all these files."""
        wanted = {self.ids[name] for name in names}
        return [f for f in self.timeline["findings"] if f["kind"] == kind and wanted <= set(f["recording_ids"])]

    def same_recording(self, *names: str) -> bool:
        """Whether these files are called one witness (re-uploads, copies)."""
        wanted = {self.ids[name] for name in names}
        duplicates = self.timeline["duplicates"]
        return any(d["kind"] == "same_recording" and wanted <= set(d["recording_ids"]) for d in duplicates)

    def strikes(self) -> list[dict[str, Any]]:
        """Events that are called strikes."""
        return [e for e in self.timeline["events"] if e["kind"] == "strike"]

    def labelled(self, label: str) -> list[dict[str, Any]]:
        """Candidates whose label holds a word."""
        return [c for c in self.timeline["candidates"] if label in (c["label"] or "")]

    def words(self) -> str:
        """Lags, groups and refusals in a line, for a failure's message."""
        groups = [
            "[" + ", ".join(f"{self.names[c['recording_id']]} {_offsets(c)}" for c in g["clocks"]) + "]"
            for g in self.timeline["groups"]
            if len(g["clocks"]) > 1
        ]
        lags = [
            f"{self.names[p['a_id']]}-{self.names[p['b_id']]}: "
            + (", ".join(f"{h['lag_s']:+.4f} p {h['probability']:.2f}" for h in p["hypotheses"][:3]) or "no lag")
            for p in self.timeline["pairs"]
        ]
        kinds = sorted(f["kind"] for f in self.timeline["findings"])
        return "; ".join([*(groups or ["nothing placed"]), *lags, f"findings {kinds or 'none'}"])


def _offsets(clock: dict[str, Any]) -> str:
    return "/".join(f"{s['offset_s']:+.4f}" for s in clock["segments"])
