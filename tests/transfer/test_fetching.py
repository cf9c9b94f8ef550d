from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hanten.errors import BundleError, DataError
from hanten.transfer.fetching import fetch_library
from hanten.transfer.library import open_library


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def address(folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder.path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_copy_from_a_folder_is_complete(folder, tmp_path):
    library = fetch_library(folder.path, tmp_path / "copy")
    assert len(library) == 9
    assert library.load("polymer/density").card["property"] == "density"


def test_a_copy_from_an_address(address, tmp_path):
    told = []
    library = fetch_library(address, tmp_path / "copy", progress=lambda *done: told.append(done))
    assert len(library) == 9
    assert {name for name, *_ in told} >= {"polymer/density.safetensors"}


def test_an_interrupted_copy_says_so_and_goes_on(folder, tmp_path, monkeypatch):
    from hanten.transfer import fetching

    real, count = fetching.fetch_file, []

    def breaks(file, *rest):
        count.append(file.name)
        if len(count) == 3:
            raise DataError("the network is gone")
        return real(file, *rest)

    monkeypatch.setattr(fetching, "fetch_file", breaks)
    with pytest.raises(DataError, match="gone"):
        fetch_library(folder.path, tmp_path / "copy")
    with pytest.raises(BundleError, match=r"half fetched.*again"):
        open_library(tmp_path / "copy")
    before = (tmp_path / "copy" / count[0]).stat().st_mtime_ns
    monkeypatch.setattr(fetching, "fetch_file", real)
    assert len(fetch_library(folder.path, tmp_path / "copy")) == 9
    assert (tmp_path / "copy" / count[0]).stat().st_mtime_ns == before


def test_a_damaged_source_is_not_copied(folder, tmp_path):
    path = folder.path / "polymer/density.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DataError, match="SHA-256"):
        fetch_library(folder.path, tmp_path / "copy")
    assert not (tmp_path / "copy" / "polymer/density.safetensors").exists()


def test_a_changed_file_of_the_copy_is_copied_again(folder, tmp_path):
    fetch_library(folder.path, tmp_path / "copy")
    path = tmp_path / "copy" / "polymer/Tg.json"
    path.write_bytes(path.read_bytes().replace(b"Tg", b"Tm", 1))
    assert fetch_library(folder.path, tmp_path / "copy").load("polymer/Tg").unit == "K"


@pytest.mark.parametrize("source", ["nowhere", "http://127.0.0.1:9/library"])
def test_a_source_without_library(source, tmp_path):
    with pytest.raises((BundleError, DataError), match=r"index\.json"):
        fetch_library(source, tmp_path / "copy")


def test_source_and_target_must_differ_and_the_target_be_writable(folder, tmp_path):
    with pytest.raises(DataError, match="the same"):
        fetch_library(folder.path, folder.path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="cannot be made"):
        fetch_library(folder.path, tmp_path / "file" / "copy")
    (folder.path / "polymer/Tg.json").unlink()
    with pytest.raises(BundleError, match="itself is half fetched"):
        fetch_library(folder.path, tmp_path / "copy")
