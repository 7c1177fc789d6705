"""Foundry 1.7.1 (anvil, cast, forge) and solc 0.8.37 from npm, by the lock file in scripts/foundry.

forge and our own tests call `solc --standard-json`: a small wrapper in scripts/foundry speaks it for solcjs.
"""

from __future__ import annotations

import platform
import shutil
import tempfile
from pathlib import Path

from service_recipes.recipe import REPOSITORY, Failed, Launch, Talk, answers, free_port, run, tool

VERSION = "1.7.1-solc-0.8.37"
SOURCE = REPOSITORY / "scripts" / "foundry"


class Anvil:
    name = "anvil"

    def installed(self, cache: Path) -> bool:
        return _folder(cache).exists()

    def install(self, cache: Path, talk: Talk) -> None:
        if (machine := f"{platform.system()} {platform.machine()}") != "Linux x86_64":
            raise Failed(f"the packages are for Linux on x86_64, this is {machine}; set TRIPLOCK_ANVIL_URL yourself")
        npm = tool("npm", "Node.js 18 or newer with npm (Debian: nodejs npm)")
        folder = _folder(cache)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="npm-") as temporary:
            made = Path(temporary, "made")
            shutil.copytree(SOURCE, made)
            run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=made)
            for path in (*map(made.joinpath, map(_program, ("anvil", "cast", "forge"))), made / "solc"):
                path.chmod(0o755)
            made.replace(folder)

    def launch(self, cache: Path, folder: Path) -> Launch:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        made = _folder(cache)
        return Launch(
            [str(made / _program("anvil")), "--host", "127.0.0.1", "--port", str(port)],
            {
                "TRIPLOCK_ANVIL_URL": url,
                "TRIPLOCK_CAST": str(made / _program("cast")),
                "TRIPLOCK_FORGE": str(made / _program("forge")),
                "TRIPLOCK_SOLC": str(made / "solc"),
            },
            lambda: answers(url, b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'),
        )


def _folder(cache: Path) -> Path:
    return cache / "foundry" / VERSION


def _program(name: str) -> str:
    return f"node_modules/@foundry-rs/{name}-linux-amd64/bin/{name}"
