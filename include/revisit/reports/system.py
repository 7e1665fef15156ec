"""See that the system libraries of the PDF renderer are there; install them where we may, else say what to type.

Run as `python -m revisit.reports.system` by the set-up.
"""

import os
import shutil
import subprocess
import sys

_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


def _loads() -> bool:
    code = "from weasyprint.text import ffi; raise SystemExit(ffi.harfbuzz_subset is None)"
    return (
        subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, check=False).returncode == 0
    )


def main() -> int:
    """0 where a PDF can be rendered at full speed."""
    if _loads():
        return 0
    command = f"apt-get install -y {' '.join(_PACKAGES)}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stderr.write(f"installing the PDF renderer's libraries: {command}\n")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *_PACKAGES], env=quiet, check=False
        )
        if _loads():
            return 0
    sys.stderr.write(
        f"The PDF renderer lacks system libraries. Type:\n\n    sudo {command}\n\nand run the command again.\n"
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
