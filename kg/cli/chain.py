"""`triplock chain`: the embedded development chain, and the registry on whichever chain the settings name."""

from __future__ import annotations

import signal
import sys
import threading

import click

from kg.cli.output import Output, pass_output


@click.group(short_help="Serve the embedded chain; deploy the registry.")
def chain() -> None:
    """Serve the embedded chain to other processes, or deploy the registry contract."""


@chain.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; 0 takes a free one.")
@pass_output
def serve(output: Output, port: int) -> None:
    """Serve the workspace's embedded chain as JSON-RPC on loopback until interrupted.

    Prints the address on standard output. Other triplock commands on this workspace use it meanwhile.
    """
    from anchoring.chain.devchain import DevChain
    from kg.workspace.chain import CHAIN_FOLDER

    with output.workspace() as workspace:
        folder = workspace.state / CHAIN_FOLDER
        with DevChain.open(folder) as opened, opened.serve(port=port) as server:
            output.result({"url": server.url}, server.url)
            sys.stdout.flush()
            output.say("serving the development chain; stop with Ctrl-C")
            _wait_for_signal()


def _wait_for_signal() -> None:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()


@chain.command()
@pass_output
def deploy(output: Output) -> None:
    """Put the registry contract on the chain that the settings name, unless it stands there; prints its address."""
    from anchoring.chain.deploy import deploy_registry
    from kg.workspace.chain import open_endpoint

    with (
        output.workspace() as workspace,
        workspace.changing(),
        open_endpoint(workspace.configuration.chain, workspace.state) as endpoint,
    ):
        address = deploy_registry(endpoint, workspace.signer)
        chain_id = endpoint.chain_id()
    output.result({"registry": address, "chain": f"eip155:{chain_id}"}, f"registry  {address} on eip155:{chain_id}")
