"""Kubo 0.42.0, the IPFS node: built from source with the module sums in scripts/kubo, run as a private node.

It listens on loopback, knows no peers, announces nothing, resolves nothing and reports nothing.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from service_recipes.recipe import REPOSITORY, Launch, Talk, answers, free_port, run, tool

VERSION = "0.42.0"
LOOPBACK = "/ip4/127.0.0.1/tcp/"


class Kubo:
    name = "kubo"

    def installed(self, cache: Path) -> bool:
        return _binary(cache).exists()

    def install(self, cache: Path, talk: Talk) -> None:
        go = tool("go", "Go 1.21 or newer (Debian: golang)")
        talk("kubo: building from source, some 4 minutes on 2 cores")
        binary = _binary(cache)
        binary.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="go-") as folder:
            source = Path(folder) / "source"
            shutil.copytree(REPOSITORY / "scripts" / "kubo", source)
            settings = {
                "CGO_ENABLED": "0",
                "GOCACHE": f"{folder}/build",
                "GOFLAGS": "-modcacherw",
                "GOMODCACHE": f"{folder}/modules",
                "GOWORK": "off",
            }
            command = [go, "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", f"{folder}/ipfs"]
            run([*command, "github.com/ipfs/kubo/cmd/ipfs"], cwd=source, **settings)
            Path(folder, "ipfs").replace(binary)

    def launch(self, cache: Path, folder: Path) -> Launch:
        binary, home = str(_binary(cache)), folder / "repository"
        settings = {"IPFS_PATH": str(home), "IPFS_TELEMETRY": "off"}
        run([binary, "init", "--profile", "test", "--empty-repo"], **settings)
        api, gateway, swarm = free_port(), free_port(), free_port()
        file = home / "config"
        merged = _merged(json.loads(file.read_text()), _private(api, gateway, swarm))
        file.write_text(json.dumps(merged, indent=2))
        return Launch(
            [binary, "daemon"],
            {
                "TRIPLOCK_KUBO_API": f"http://127.0.0.1:{api}",
                "TRIPLOCK_KUBO_GATEWAY": f"http://127.0.0.1:{gateway}",
                "TRIPLOCK_IPFS": binary,
            },
            lambda: answers(f"http://127.0.0.1:{api}/api/v0/id"),
            settings,
        )


def _binary(cache: Path) -> Path:
    return cache / "kubo" / VERSION / "ipfs"


def _merged(configuration: dict, changes: dict) -> dict:
    """The configuration with the changes laid over it, folder by folder."""
    return configuration | {
        key: _merged(configuration.get(key) or {}, value) if isinstance(value, dict) and value else value
        for key, value in changes.items()
    }


def _private(api: int, gateway: int, swarm: int) -> dict:
    off = {"Enabled": False}
    return {
        "Addresses": {
            "API": f"{LOOPBACK}{api}",
            "Gateway": f"{LOOPBACK}{gateway}",
            "Swarm": [f"{LOOPBACK}{swarm}"],
            "Announce": [],
            "AppendAnnounce": [],
            "NoAnnounce": [],
        },
        "AutoConf": off,
        "AutoNAT": {"ServiceMode": "disabled"},
        "AutoTLS": off,
        "Bootstrap": [],
        "DNS": {"Resolvers": {}},
        "Datastore": {"HashOnRead": True},
        "Discovery": {"MDNS": off},
        "Gateway": {"NoDNSLink": True},
        "HTTPRetrieval": off,
        "Ipns": {"DelegatedPublishers": []},
        "Peering": {"Peers": []},
        "Plugins": {"Plugins": {"telemetry": {"Disabled": True}}},
        "Provide": off,
        "Routing": {"Type": "none", "DelegatedRouters": []},
        "Swarm": {
            "DisableNatPortMap": True,
            "EnableHolePunching": False,
            "RelayClient": off,
            "RelayService": off,
            "Transports": {
                "Network": {
                    "QUIC": False,
                    "Relay": False,
                    "WebRTCDirect": False,
                    "WebTransport": False,
                    "Websocket": False,
                }
            },
        },
        "Version": {"SwarmCheckEnabled": False},
    }
