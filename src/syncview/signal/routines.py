"""The compiled routines of SciPy that every run needs, without the rest of SciPy.

``import scipy.fft`` brings the special functions, NumPy's test tools and the array API along and takes longer than
all that a run does with two short clips. So the two extension modules are loaded alone where they lie, once something
is computed and they answer two known questions rightly; otherwise (another version of SciPy) the public functions,
which wrap the same code, take their place. Each function gives what SciPy's of the same name gives, to the bit.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from numpy.typing import NDArray

__all__ = ["irfft", "maximum_filter1d", "minimum_filter1d", "next_fast_len", "rfft", "uniform_filter1d"]

_MODES = {"nearest": 0, "reflect": 2, "constant": 4}
_MINIMUM, _MAXIMUM = 1, 0

Mode = Literal["nearest", "reflect", "constant"]


def rfft(x: NDArray[Any], n: int | None = None, axis: int = -1) -> NDArray[Any]:
    """Fourier transform of real numbers, as ``scipy.fft.rfft``.

    Parameters
    ----------
    x : ndarray
        float32 or float64; anything else is taken as float64.
    n : int, optional
        Length to which `x` is cut or filled with zeros.
    axis : int
        Along which.

    Returns
    -------
    ndarray
        complex64 of float32, else complex128.
    """
    x = _of_length(_native(x), n, axis)
    fourier = _fourier()
    if fourier is None:
        from scipy import fft

        return np.asarray(fft.rfft(x, axis=axis))
    return np.asarray(fourier.r2c(x, (axis,), True, 0, None, 1))


def irfft(spectrum: NDArray[Any], n: int | None = None, axis: int = -1) -> NDArray[Any]:
    """Inverse of `rfft`, as ``scipy.fft.irfft``.

    Parameters
    ----------
    spectrum : ndarray
        complex64 or complex128.
    n : int, optional
        Length of the result; twice that of the spectrum, less two, when left out.
    axis : int
        Along which.

    Returns
    -------
    ndarray
        float32 of complex64, else float64.
    """
    spectrum = _native(spectrum)
    if np.isrealobj(spectrum):
        spectrum = spectrum + 0.0j
    size = 2 * (spectrum.shape[axis] - 1) if n is None else n
    fourier = _fourier()
    if fourier is None:
        from scipy import fft

        return np.asarray(fft.irfft(spectrum, size, axis=axis))
    return np.asarray(fourier.c2r(_of_length(spectrum, size // 2 + 1, axis), (axis,), size, False, 2, None, 1))


@lru_cache(maxsize=256)
def next_fast_len(target: int, *, real: bool) -> int:
    """Length of at least `target` whose transform is fast, as ``scipy.fft.next_fast_len``.

    Examples
    --------
    >>> next_fast_len(1021, real=True)
    1024
    """
    fourier = _fourier()
    if fourier is None:
        from scipy import fft

        return int(fft.next_fast_len(target, real=real))
    return int(fourier.good_size(target, real))


def uniform_filter1d(values: NDArray[Any], size: int, axis: int = -1, *, mode: Mode = "reflect") -> NDArray[Any]:
    """Running mean, as ``scipy.ndimage.uniform_filter1d``; sums in float64, result of the type of `values`."""
    filters = _filters()
    values = np.asarray(values)
    if filters is None:
        from scipy import ndimage

        return np.asarray(ndimage.uniform_filter1d(values, size, axis=axis, mode=mode))
    result = np.zeros(values.shape, values.dtype)
    filters.uniform_filter1d(values, _size(size), axis % values.ndim, result, _MODES[mode], 0.0, 0)
    return result


def maximum_filter1d(
    values: NDArray[Any], size: int, axis: int = -1, *, mode: Mode = "reflect", cval: float = 0.0, origin: int = 0
) -> NDArray[Any]:
    """Running maximum, as ``scipy.ndimage.maximum_filter1d``."""
    return _extreme(values, size, axis, mode, cval, origin, _MAXIMUM)


def minimum_filter1d(
    values: NDArray[Any], size: int, axis: int = -1, *, mode: Mode = "reflect", cval: float = 0.0, origin: int = 0
) -> NDArray[Any]:
    """Running minimum, as ``scipy.ndimage.minimum_filter1d``."""
    return _extreme(values, size, axis, mode, cval, origin, _MINIMUM)


def _extreme(
    values: NDArray[Any], size: int, axis: int, mode: Mode, cval: float, origin: int, which: int
) -> NDArray[Any]:
    filters = _filters()
    values = np.asarray(values)
    if filters is None:
        from scipy import ndimage

        public = ndimage.minimum_filter1d if which == _MINIMUM else ndimage.maximum_filter1d
        return np.asarray(public(values, size, axis=axis, mode=mode, cval=cval, origin=origin))
    if not 0 <= size // 2 + origin < _size(size):
        msg = f"a filter of {size} cannot be moved by {origin}"
        raise ValueError(msg)
    result = np.zeros(values.shape, values.dtype)
    filters.min_or_max_filter1d(values, size, axis % values.ndim, result, _MODES[mode], cval, origin, which)
    return result


def _size(size: int) -> int:
    if size < 1:
        msg = f"a filter needs a size of 1 or more, not {size}"
        raise ValueError(msg)
    return size


def _native(x: NDArray[Any]) -> NDArray[Any]:
    """Numbers as the transforms take them: floating, aligned, in the byte order of the machine."""
    kind = x.dtype.newbyteorder("=") if x.dtype.kind in "fc" else np.dtype(np.float64)
    return np.require(x, kind, "A")


def _of_length(x: NDArray[Any], n: int | None, axis: int) -> NDArray[Any]:
    """Cut or filled with zeros along an axis."""
    length = x.shape[axis]
    if (length if n is None else n) < 1:
        msg = f"a transform needs at least one number, not {length if n is None else n}"
        raise ValueError(msg)
    if n is None or n == length:
        return x
    axis %= x.ndim
    before = (slice(None),) * axis
    if length > n:
        return x[(*before, slice(0, n))]
    filled = np.zeros((*x.shape[:axis], n, *x.shape[axis + 1 :]), x.dtype)
    filled[(*before, slice(0, length))] = x
    return filled


@cache
def _fourier() -> ModuleType | None:
    module = _extension("fft/_pocketfft", "pypocketfft")
    return module if module is not None and _answers(_known_transform, module) else None


@cache
def _filters() -> ModuleType | None:
    module = _extension("ndimage", "_nd_image")
    return module if module is not None and _answers(_known_filters, module) else None


def _known_transform(module: ModuleType) -> bool:
    two = np.array([3.0, 1.0])
    there = module.r2c(two, (0,), True, 0, None, 1)
    back = module.c2r(there, (0,), 2, False, 2, None, 1)
    return bool(there.tolist() == [4.0, 2.0] and back.tolist() == [3.0, 1.0] and module.good_size(7, True) >= 7)


def _known_filters(module: ModuleType) -> bool:
    three, mean, most = np.array([3.0, 0.0, 0.0]), np.zeros(3), np.zeros(3)
    module.uniform_filter1d(three, 3, 0, mean, _MODES["constant"], 0.0, 0)
    module.min_or_max_filter1d(three, 3, 0, most, _MODES["constant"], 0.0, 0, _MAXIMUM)
    return mean.tolist() == [1.0, 1.0, 0.0] and most.tolist() == [3.0, 3.0, 0.0]


def _answers(known: Callable[[ModuleType], bool], module: ModuleType) -> bool:
    """Whether a module of another version of SciPy still takes and gives what this one does."""
    try:
        return known(module)
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return False


def _extension(folder: str, name: str) -> ModuleType | None:
    """A compiled module of SciPy by itself; None where it is not found or does not load alone."""
    package = find_spec("scipy")
    places = [str(Path(place, folder)) for place in (package and package.submodule_search_locations) or ()]
    spec = PathFinder.find_spec(f"scipy.{folder.replace('/', '.')}.{name}", places)
    if spec is None or spec.loader is None:
        return None
    try:
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    except ImportError:
        return None
    return module
