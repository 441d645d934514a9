from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import fs
from source_helpers import Write, as_environment


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, so that messages show short names."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Write:
    def _write(name: str, data: bytes | str) -> str:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return name

    return _write


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """An S3 as a server of its own plays it; its tests are of the group ``s3``."""
    script = Path(__file__).with_name("s3_server.py")
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        server.stdin.close()
        assert server.wait(timeout=20) == 0


@pytest.fixture
def bucket(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, folder: Path, request: pytest.FixtureRequest
) -> str:
    """The name of a bucket of its own, which the environment can reach."""
    as_environment(monkeypatch, endpoint)
    system = fs.S3FileSystem(endpoint_override=endpoint, allow_bucket_creation=True)
    name = f"bucket-{abs(hash(request.node.nodeid)) % 10**12}"
    system.create_dir(name)
    return name
