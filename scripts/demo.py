"""The main job on the sample clips, as a user would run it. A person must look (exit code 3) is a success here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CASE = ROOT / "demo-case"
NEEDS_A_LOOK = 3


def main() -> int:
    """Run the demo case from scratch."""
    shutil.rmtree(CASE, ignore_errors=True)
    command = [sys.executable, "-m", "syncview", "run", "sample_clips", "-o", str(CASE.relative_to(ROOT))]
    print("$ syncview " + " ".join(command[3:]), flush=True)
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    return 0 if code == NEEDS_A_LOOK else code


if __name__ == "__main__":
    sys.exit(main())
