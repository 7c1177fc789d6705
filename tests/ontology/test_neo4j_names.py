"""Names are what people would write, never collide, and can carry nothing into a query."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.neo4j_names import MAX_NAME, RESERVED, NameKind, NeoNames, plain_name

iris = st.one_of(
    st.text(max_size=30).map(lambda text: f"https://graph.example/{text}"),
    st.sampled_from(["urn:x", "https://a/kg", "https://b/kg", "https://a/name", "https://b/name", "https://b/Name"]),
    st.sampled_from(["https://a/`}) DETACH DELETE n //", "https://a/123", "https://a/"])
    | st.sampled_from(["https://a/名前", "x:" + "l" * 900]),
)


@given(st.lists(st.tuples(iris, st.sampled_from(NameKind)), max_size=30))
def test_names_are_injective_stable_and_plain(wanted: list[tuple[str, NameKind]]) -> None:
    names = NeoNames()
    given_names = {(iri, kind): names.name(iri, kind) for iri, kind in wanted}
    by_kind = [(kind, name) for (_, kind), name in given_names.items()]
    assert len(set(by_kind)) == len(by_kind)
    again = NeoNames(names.given())
    for (iri, kind), name in given_names.items():
        assert re.fullmatch(r"[^\W\d_]\w*", name)
        assert len(name) <= MAX_NAME + 80
        assert name not in RESERVED[kind]
        assert again.name(iri, kind) == name
        assert again.iri(name, kind) == iri


@pytest.mark.parametrize(
    ("local", "label", "relationship", "key"),
    [
        ("Protocol", "Protocol", "PROTOCOL", "protocol"),
        ("deployedOn", "DeployedOn", "DEPLOYED_ON", "deployedOn"),
        ("token_contract", "TokenContract", "TOKEN_CONTRACT", "tokenContract"),
        ("ERC20", "ERC20", "ERC20", "erc20"),
        ("topic0", "Topic0", "TOPIC0", "topic0"),
        ("HTTPServer", "HTTPServer", "HTTP_SERVER", "httpServer"),
        ("20", "N20", "N_20", "n20"),
    ],
)
def test_names_follow_the_conventions_of_cypher(local: str, label: str, relationship: str, key: str) -> None:
    iri = f"https://graph.example/ns#{local}"
    assert [plain_name(iri, kind) for kind in NameKind] == [label, relationship, key]
