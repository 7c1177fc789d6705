"""The chain as a workspace sees it: its endpoint, the registry on it, and the graph's identity there.

The embedded chain belongs to one process at a time. While `triplock chain serve` has it, others reach it over loopback.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anchoring.chain import keys
from anchoring.chain.deploy import deploy_registry, registry_address
from anchoring.chain.endpoint import Endpoint
from anchoring.chain.errors import DevChainBusy
from anchoring.chain.registry import RegistryClient
from anchoring.chain.signer_command import CommandSigner
from anchoring.signing.anchor import GraphId
from anchoring.signing.eip712 import graph_id
from kg.errors import KeyLost
from kg.workspace.configuration import ChainSettings
from kg.workspace.snapshot import label_word

if TYPE_CHECKING:
    from anchoring.chain.keys import Signer
    from kg.workspace.workspace import Workspace

EMBEDDED = "embedded"
CHAIN_FOLDER = "chain"
KEY_FILE = "publisher.key"


@dataclass(frozen=True, slots=True)
class ChainSide:
    """`graph` is what verifiers are given: chain, registry and graph.

    `creator` is the account that the graph's id names, `account` the one that publishes (lower-case 0x addresses); both
    are empty for a clone, which has no say.
    """

    endpoint: Endpoint
    registry: RegistryClient
    graph: GraphId
    embedded: bool
    creator: str = ""
    account: str = ""


def open_signer(workspace: Workspace) -> Signer:
    """The publisher's key: a signer command's, of the environment, a keystore, or the state folder, made at first.

    Raises KeyLost where versions were built and the key file is gone: a new key would be a new owner, so a new graph.
    """
    settings, file = workspace.configuration.chain, workspace.state / KEY_FILE
    environment: Mapping[str, str] = os.environ
    if settings.signer_command:
        return CommandSigner(settings.signer_command)
    if settings.keystore and keys.KEYSTORE_VARIABLE not in environment:
        environment = {**environment, keys.KEYSTORE_VARIABLE: settings.keystore}
    elsewhere = keys.VARIABLE in environment or keys.KEYSTORE_VARIABLE in environment
    if not elsewhere and not file.exists() and workspace.versions.all():
        raise KeyLost(
            f"{file} is gone, and this workspace has built versions with it",
            remedy=f"put it back, or give the key by {keys.VARIABLE} or {keys.KEYSTORE_VARIABLE}",
        )
    return keys.load_or_create(file, environment=environment, prompt=_ask)


def _ask(question: str) -> str:
    import getpass

    return getpass.getpass(question)


@contextmanager
def open_endpoint(settings: ChainSettings, state: Path) -> Iterator[Endpoint]:
    """The endpoint that the settings name; the embedded chain is opened, or reached where it is being served."""
    if settings.endpoint != EMBEDDED:
        yield Endpoint(*settings.endpoints, chain_id=settings.id or None, timeout=settings.timeout)
        return
    from anchoring.chain.devchain import DevChain

    folder = state / CHAIN_FOLDER
    try:
        chain = DevChain.open(folder)
    except DevChainBusy as busy:
        if busy.url is None:
            raise
        yield Endpoint(busy.url)
        return
    with chain:
        yield Endpoint.of_devchain(chain)


def foreign_registry(graph: GraphId, rpc: Sequence[str]) -> RegistryClient:
    """The registry that a graph id names, through endpoints that somebody brings.

    A single endpoint of another chain is a check that fails; of several, those of another chain are left out.
    """
    expected = graph.chain_id if len(rpc) > 1 else None
    return RegistryClient(Endpoint(*rpc, chain_id=expected, stuck="refused"), graph.registry)


@contextmanager
def open_chain(workspace: Workspace) -> Iterator[ChainSide]:
    """The chain side of a workspace; on the embedded chain the registry is deployed if it is not there yet."""
    settings = workspace.configuration.chain
    embedded = settings.endpoint == EMBEDDED
    with ExitStack() as stack:
        endpoint = stack.enter_context(open_endpoint(settings, workspace.state))
        if workspace.is_clone:
            foreign = GraphId.parse(workspace.configuration.clone.graph)
            yield ChainSide(endpoint, RegistryClient(endpoint, foreign.registry), foreign, embedded=False)
            return
        if settings.registry:
            address = settings.registry
        elif embedded:
            address = deploy_registry(endpoint, workspace.signer)
        else:
            address = registry_address()
        named = workspace.configuration.graph
        account = settings.account.lower() or workspace.signer.address.lower()
        creator = named.creator.lower() or account
        graph = graph_id(endpoint.chain_id(), address.lower(), creator, label_word(named.label))
        yield ChainSide(endpoint, RegistryClient(endpoint, address), graph, embedded, creator, account)
