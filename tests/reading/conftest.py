"""The local model, in a child process."""

import pytest

from extractors.models.local_gguf import LocalGguf


@pytest.fixture(scope="session")
def small_model(model_path):
    """The 0.5B model."""
    with LocalGguf(model_path, "qwen2.5-coder-0.5b") as model:
        yield model


@pytest.fixture
def local_server(small_model):
    """Address and headers of the running child."""
    child = small_model._running()
    base = child.client._url.removesuffix("/v1/chat/completions")
    return base, {"Authorization": child.client._client.headers["Authorization"]}
