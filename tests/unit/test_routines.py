"""SciPy's compiled routines without SciPy: the same numbers to the bit, and nothing else imported."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import fft, ndimage

from syncview.signal import routines


@pytest.fixture(params=["alone", "public"])
def way(request, monkeypatch):
    """Both ways: the extension modules by themselves, and SciPy's public functions where those are not found."""
    if request.param == "public":
        monkeypatch.setattr(routines, "_fourier", lambda: None)
        monkeypatch.setattr(routines, "_filters", lambda: None)
    routines.next_fast_len.cache_clear()
    return request.param


def noise(*shape: int, kind: type = np.float32):
    return np.random.default_rng(7).normal(size=shape).astype(kind)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("n", [None, 900, 1200])
def test_transforms_are_those_of_scipy(way, kind, n):
    x = noise(3, 1001, kind=kind)
    spectrum = routines.rfft(x, n)
    assert spectrum.dtype == fft.rfft(x, n).dtype
    np.testing.assert_array_equal(spectrum, fft.rfft(x, n))
    np.testing.assert_array_equal(routines.rfft(x, n, axis=0), fft.rfft(x, n, axis=0))
    np.testing.assert_array_equal(routines.irfft(spectrum, n, axis=1), fft.irfft(spectrum, n, axis=1))
    np.testing.assert_array_equal(routines.rfft(np.arange(8)), fft.rfft(np.arange(8)))


def test_lengths_are_those_of_scipy(way):
    for target in (1, 7, 1021, 354_001):
        assert routines.next_fast_len(target, real=True) == fft.next_fast_len(target, real=True)
        assert routines.next_fast_len(target, real=False) == fft.next_fast_len(target, real=False)


def test_filters_are_those_of_scipy(way):
    x = noise(5, 40)
    for mode in ("nearest", "reflect", "constant"):
        for axis in (0, 1):
            np.testing.assert_array_equal(
                routines.uniform_filter1d(x, 7, axis, mode=mode), ndimage.uniform_filter1d(x, 7, axis, mode=mode)
            )
    options = {"mode": "constant", "cval": -np.inf, "origin": -2}
    np.testing.assert_array_equal(routines.maximum_filter1d(x, 5, **options), ndimage.maximum_filter1d(x, 5, **options))
    np.testing.assert_array_equal(routines.minimum_filter1d(x, 4, origin=1), ndimage.minimum_filter1d(x, 4, origin=1))


def test_what_cannot_be_computed_is_refused():
    with pytest.raises(ValueError, match="at least one number"):
        routines.rfft(noise(0))
    with pytest.raises(ValueError, match="size of 1 or more"):
        routines.uniform_filter1d(noise(4), 0)
    with pytest.raises(ValueError, match="cannot be moved"):
        routines.maximum_filter1d(noise(4), 3, origin=2)


def test_the_extensions_are_found_and_the_rest_of_scipy_is_left_out():
    script = (
        "import sys, numpy as np\n"
        "from syncview.signal import routines\n"
        "routines.rfft(np.ones(4)), routines.uniform_filter1d(np.ones(4), 2)\n"
        "assert routines._fourier() and routines._filters()\n"
        "assert not {'scipy.fft', 'scipy.special', 'scipy.ndimage'} & set(sys.modules)\n"
        "import scipy.fft, scipy.ndimage\n"
        "assert (scipy.fft.rfft(np.ones(4)) == routines.rfft(np.ones(4))).all()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_module_that_answers_otherwise_is_not_used(monkeypatch):
    other = SimpleNamespace(r2c=lambda *_: np.zeros(2), c2r=lambda *_: np.zeros(2), good_size=lambda *_: 8)
    monkeypatch.setattr(routines, "_extension", lambda *_: other)
    assert routines._fourier.__wrapped__() is None
    assert routines._filters.__wrapped__() is None
