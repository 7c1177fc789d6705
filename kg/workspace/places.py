"""Where a workspace gets blocks from: what the settings name, and what a call names beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from anchoring.blockstores.car import CarReader
from anchoring.blockstores.folder import FolderStore
from anchoring.blockstores.gateway import GatewayReader
from anchoring.blockstores.kubo import KuboStore
from anchoring.blockstores.protocol import BlockReader
from anchoring.encoding.cid import Cid
from anchoring.errors import WrongUsage
from kg.workspace.configuration import IpfsSettings

REQUEST_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Places:
    """Block folders, CAR files, a Kubo node, gateways; `directory` is a version's directory, for its signature."""

    folders: tuple[str, ...] = ()
    cars: tuple[str, ...] = ()
    kubo: str = ""
    gateways: tuple[str, ...] = ()
    directory: Cid | None = None

    @classmethod
    def of(cls, settings: IpfsSettings) -> Places:
        """What the settings name."""
        return cls(folders=settings.folders, kubo=settings.kubo, gateways=settings.gateways)

    def beside(self, settings: IpfsSettings) -> Places:
        """These places and those that the settings name."""
        kept = Places.of(settings)
        return replace(
            self,
            folders=tuple(dict.fromkeys((*self.folders, *kept.folders))),
            kubo=self.kubo or kept.kubo,
            gateways=tuple(dict.fromkeys((*self.gateways, *kept.gateways))),
        )

    @contextmanager
    def open(self) -> Iterator[list[BlockReader]]:
        """Readers of all of them, what is near first; raises BadAddress, BadCar, NotABlockFolder."""
        with ExitStack() as stack:
            readers: list[BlockReader] = [FolderStore(path) for path in self.folders]
            readers += [stack.enter_context(CarReader(path)) for path in self.cars]
            if self.kubo:
                readers.append(stack.enter_context(KuboStore(self.kubo, timeout=REQUEST_SECONDS)))
            for url in self.gateways:
                readers.append(stack.enter_context(GatewayReader(url, timeout=REQUEST_SECONDS)))
            yield readers

    def require_some(self) -> None:
        """Raises WrongUsage where there is nowhere to get blocks from."""
        if not (self.folders or self.cars or self.kubo or self.gateways):
            raise WrongUsage(
                "nothing says where blocks are to be had", remedy="give --gateway, --kubo, --car or --blocks"
            )
