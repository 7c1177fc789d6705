"""Documents are loaded whole, named by their CID, and folders are walked in order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anchoring.encoding.cid import Cid
from extractors.documents.errors import DocumentEmpty, DocumentNotFound, DocumentTooLarge, DocumentUnreadable
from extractors.documents.load import RDF_MEDIA_TYPES, load_document, walk

DATA = Path(__file__).parents[2] / "data" / "documents"


def test_a_standard_is_about_its_home_and_knows_its_names() -> None:
    document = load_document(DATA / "erc-20.md")
    assert document.subject == "https://eips.ethereum.org/EIPS/eip-20"
    assert document.subject_names[:3] == ("ERC-20", "EIP-20", "this standard")
    assert document.title == "Token Standard"
    assert (document.media_type, document.encoding) == ("text/markdown", "utf-8")
    assert document.cid == Cid.of(document.content)


def test_a_document_without_header_is_about_itself() -> None:
    document = load_document(b"Tokens\n======\n\nText.", name="tokens.md")
    assert document.subject == document.cid.iri
    assert document.title == "Tokens"


def test_line_ends_are_kept() -> None:
    assert load_document(b"a\r\nb\rc\n", name="a.txt").text == "a\r\nb\rc\n"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"---\neip: 1\n---\nText", "text/markdown"),
        (b"# Heading\n\nText", "text/markdown"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>x</p>", "text/html"),
        (b"Only prose.", "text/plain"),
    ],
)
def test_without_an_extension_the_text_says_what_it_is(content: bytes, media_type: str) -> None:
    assert load_document(content).media_type == media_type


def test_a_longer_document_has_the_cid_of_its_tree() -> None:
    content = b"Some prose. " * 200_000
    document = load_document(content, name="long.txt")
    assert str(document.cid).startswith("bafybei")


def test_the_limit_names_the_size_and_the_flag(tmp_path: Path) -> None:
    file = tmp_path / "large.md"
    with file.open("wb") as out:
        out.truncate(50_000_000)
    with pytest.raises(DocumentTooLarge, match=r"50,000,000 bytes.*--max-bytes 50000000"):
        load_document(file)
    with pytest.raises(DocumentTooLarge):
        load_document(b"123456", max_bytes=5)
    assert load_document(b"12345", max_bytes=5).text == "12345"


def test_empty_absent_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_bytes(b"")
    with pytest.raises(DocumentEmpty):
        load_document(tmp_path / "empty.md")
    with pytest.raises(DocumentNotFound):
        load_document(tmp_path / "absent.md")
    with pytest.raises(DocumentUnreadable):
        load_document(tmp_path)


def test_folders_are_walked_in_order_and_what_is_skipped_has_a_reason(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside / "b", inside / ".git", outside):
        folder.mkdir(parents=True)
    for name in (
        "inside/b/2.md",
        "inside/a.md",
        "inside/z.ttl",
        "inside/.hidden.md",
        "inside/.git/x.md",
        "outside/o.md",
    ):
        (tmp_path / name).write_text("x")
    (inside / "picture.png").write_bytes(b"\x89PNG")
    (inside / "link.md").symlink_to(outside / "o.md")
    (inside / "folder").symlink_to(outside)
    (inside / "same.md").symlink_to(inside / "a.md")
    os.mkfifo(inside / "pipe.md")
    found = list(walk([inside, inside / "a.md"]))
    taken = [f.path.relative_to(inside).as_posix() for f in found if f.media_type is not None]
    assert taken == ["a.md", "z.ttl", "b/2.md"]
    assert {f.media_type for f in found if f.path.suffix == ".ttl"} <= RDF_MEDIA_TYPES
    skipped = {f.path.name: f.reason for f in found if f.media_type is None}
    assert set(skipped) == {"picture.png", "link.md", "pipe.md"}
    assert "leads out" in skipped["link.md"]
    assert ".png" in skipped["picture.png"]


def test_a_file_named_by_itself_is_taken_whatever_its_extension(tmp_path: Path) -> None:
    file = tmp_path / "notes.asciidoc"
    file.write_text("Some prose.")
    (found,) = walk([file])
    assert found.media_type == ""
    assert load_document(found.path, media_type=found.media_type or None).media_type == "text/plain"


def test_an_absent_path_is_an_error() -> None:
    with pytest.raises(DocumentNotFound, match="nowhere"):
        list(walk(["/nowhere"]))
