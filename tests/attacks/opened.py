"""Where things stand in the item of a bundle."""

from __future__ import annotations


def opening(item: dict) -> dict:
    """What is opened in the version."""
    return item["version"]["opening"]


def blocks(item: dict) -> list[dict]:
    """The opened blocks of the version."""
    return opening(item)["blocks"]


def openings(item: dict) -> list[dict]:
    """Every opening of the bundle: the version's, and its parent's where there is one."""
    return [opening(item), *([item["parent"]["opening"]] if item["parent"] else [])]


def paths(item: dict) -> list[tuple[dict, str]]:
    """Every path of hashes: the map it stands in, and its key."""
    return [(holder, "path") for each in openings(item) for holder in (each, *each["blocks"]) if holder["path"]]
