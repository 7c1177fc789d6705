"""Chromium for the tests of docs/verify.html: the one on PATH, else Debian's packages, unpacked into the cache.

apt resolves, fetches and checks the packages by its own signatures, without being root; only what the machine lacks is
fetched (124 MB where there is nothing of it). Nothing is installed on the machine.
"""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from pathlib import Path

from service_recipes.recipe import Failed, Talk, run, tool

PROGRAM = Path("usr", "lib", "chromium", "chromium")


class Chromium:
    """Nothing has to run, the variable leads to the program."""

    name = "chromium"

    def installed(self, cache: Path) -> bool:
        return _program(cache) is not None

    def install(self, cache: Path, talk: Talk) -> None:
        apt = tool("apt-get", "Chromium itself, since there is no apt here, or set TRIPLOCK_CHROMIUM")
        unpack = tool("dpkg-deb", "dpkg")
        folder = cache / "chromium"
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="chromium-") as temporary:
            archives, made = Path(temporary, "archives"), Path(temporary, "made")
            (archives / "partial").mkdir(parents=True)
            fetch = [apt, "install", "-q", "-y", "--no-install-recommends", "--download-only", "chromium"]
            for option in ("Debug::NoLocking=true", f"Dir::Cache::archives={archives}", "Dir::Cache::pkgcache="):
                fetch += ["-o", option]
            try:
                run(fetch)
            except Failed:
                if os.getuid():
                    raise
                talk("chromium: apt does not find it; reading the lists of packages anew")
                run([apt, "update", "-q"])
                run(fetch)
            for archive in sorted(archives.glob("*.deb")):
                run([unpack, "-x", str(archive), str(made)])
            libraries = sorted({file.parent for file in (made / "usr" / "lib").rglob("*.so*")})
            places = ":".join(str(folder / place.relative_to(made)) for place in libraries)
            start = made / "chromium"
            start.write_text(
                f"#!/bin/sh\nexport LD_LIBRARY_PATH={shlex.quote(places)}\n"
                f'exec {shlex.quote(str(folder / PROGRAM))} "$@"\n'
            )
            start.chmod(0o755)
            made.replace(folder)

    def launch(self, cache: Path, folder: Path) -> dict[str, str]:
        program = _program(cache)
        if program is None:
            raise Failed(f"Chromium is gone from {cache}; run `up` again")
        return {"TRIPLOCK_CHROMIUM": program}


def _program(cache: Path) -> str | None:
    unpacked = cache / "chromium" / "chromium"
    return shutil.which("chromium") or (str(unpacked) if unpacked.is_file() else None)
