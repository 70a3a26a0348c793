"""What is assumed of air, charge and cameras because nobody states it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncview.case import CaseFile
    from syncview.pipeline.knowledge import Knowledge
    from syncview.settings import ReconstructSettings

__all__ = ["assumed_of_air", "assumed_of_ranging"]


def assumed_of_air(case: CaseFile) -> tuple[str, ...]:
    """What every way of sound rests on and nobody states in ``[case]``.

    Parameters
    ----------
    case : CaseFile
        What people wrote.

    Returns
    -------
    tuple of str
        Empty where temperature and yield are stated.

    Examples
    --------
    >>> from syncview.case import CaseFile
    >>> assumed_of_air(CaseFile())
    ('the air was at 20 ± 15 °C', 'the charge was of 0 to 250 kg')
    """
    info, said = case.info, []
    if "temperature_c" not in info.model_fields_set:
        said.append(f"the air was at {info.temperature_c:g} ± {info.temperature_uncertainty_c:g} °C")
    if "yield_kg" not in info.model_fields_set:
        said.append(f"the charge was of {info.yield_kg[0]:g} to {info.yield_kg[1]:g} kg")
    return tuple(said)


def assumed_of_ranging(
    case: CaseFile, knowledge: Knowledge, settings: ReconstructSettings
) -> dict[str, tuple[str, ...]]:
    """What each recording's distances from flash to bang rest on and nobody states.

    Parameters
    ----------
    case : CaseFile
        What people wrote.
    knowledge : Knowledge
        The same, tied to recordings.
    settings : ReconstructSettings
        What holds where nobody says how far picture and sound of a file are apart.

    Returns
    -------
    dict of str to tuple of str
        By recording id, for `TimelineParts.ranging_assumptions`.
    """
    air, found = assumed_of_air(case), {}
    for name, skew in sorted(knowledge.skews.items()):
        own: tuple[str, ...] = ()
        if skew.skew_s == 0.0 and skew.uncertainty_s >= settings.av_skew_uncertainty_s:
            own = (f"its picture and its sound are within {1e3 * skew.uncertainty_s:.0f} ms of each other",)
        found[name] = (*own, *air)
    return found
