"""Downloads that break in every way they can: the target is absent, or what it was, or complete."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import textwrap
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hanten.data import fetch
from hanten.data.catalog import DataFile, Dataset
from hanten.data.fetching import CHUNK, cache_folder, locate, mirror_folder
from hanten.errors import DataError

CONTENT = bytes(range(256)) * 2000  # half a megabyte, several chunks


class Server:
    """What the server sends: ``cut`` bytes and then a closed connection, or other bytes, or no ranges."""

    def __init__(self):
        self.content, self.cut, self.ranges, self.requests, self.status = CONTENT, None, True, [], 200


@contextmanager
def serving(plan):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            start = 0
            wanted = self.headers.get("Range")
            plan.requests.append(wanted)
            if wanted and plan.ranges:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
            self.send_response(206 if start else plan.status)
            self.send_header("Content-Length", str(len(plan.content) - start))
            self.end_headers()
            end = len(plan.content) if plan.cut is None else plan.cut
            self.wfile.write(plan.content[start:end])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/a.csv"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def a_dataset(url, content=CONTENT):
    file = DataFile("a.csv", "set/a.csv", len(content), hashlib.sha256(content).hexdigest(), url)
    return Dataset("a-set", "polymer", "train", "A set", "CC0", "nobody", files=(file,))


@pytest.fixture(autouse=True)
def _own_places(tmp_path, monkeypatch):
    monkeypatch.delenv("HANTEN_DATA_DIR", raising=False)
    monkeypatch.setenv("HANTEN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_a_download_arrives_whole_with_progress_and_is_found_again(tmp_path):
    plan, seen = Server(), []
    with serving(plan) as url:
        dataset = a_dataset(url)
        (path,) = fetch(dataset, progress=lambda *step: seen.append(step))
        assert path == cache_folder() / "a-set" / "a.csv"
        assert path.read_bytes() == CONTENT
        assert seen[-1] == ("a.csv", len(CONTENT), len(CONTENT))
        assert len(seen) >= len(CONTENT) // CHUNK
        assert fetch(dataset) == [path]
        assert len(plan.requests) == 1, "what is there and good is not fetched again"
        fetch(dataset, force=True)
        assert len(plan.requests) == 2
    assert locate(dataset)["a.csv"] == path
    assert [p.name for p in path.parent.iterdir()] == ["a.csv"]


def test_a_cut_connection_leaves_no_file_and_the_next_run_goes_on_where_it_stopped(tmp_path):
    plan = Server()
    plan.cut = 200_000
    with serving(plan) as url:
        dataset = a_dataset(url)
        with pytest.raises(DataError, match="200,000 of 512,000 bytes"):
            fetch(dataset, tmp_path)
        assert not (tmp_path / "a.csv").exists()
        plan.cut = None
        (path,) = fetch(dataset, tmp_path)
    assert path.read_bytes() == CONTENT
    assert plan.requests == [None, "bytes=200000-"]


def test_a_server_without_ranges_is_read_from_the_start(tmp_path):
    plan = Server()
    plan.ranges = False
    (tmp_path / "a.csv.part").write_bytes(b"x" * 1000)
    with serving(plan) as url:
        (path,) = fetch(a_dataset(url), tmp_path)
    assert path.read_bytes() == CONTENT


def test_a_part_of_other_bytes_is_found_out_and_removed(tmp_path):
    (tmp_path / "a.csv.part").write_bytes(b"x" * 1000)
    with serving(Server()) as url:
        with pytest.raises(DataError, match="SHA-256"):
            fetch(a_dataset(url), tmp_path)
        assert list(tmp_path.iterdir()) == []
        fetch(a_dataset(url), tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(CONTENT[:-1] + b"!", "SHA-256"), (CONTENT + b"more", "bytes"), (CONTENT[:-9], "connection ended")],
    ids=["corrupt", "too long", "too short"],
)
def test_what_is_not_in_the_catalogue_is_not_kept(tmp_path, content, message):
    plan = Server()
    plan.content = content
    good = tmp_path / "a.csv"
    good.write_bytes(CONTENT)
    with serving(plan) as url, pytest.raises(DataError, match=message):
        fetch(a_dataset(url), tmp_path, force=True)
    assert good.read_bytes() == CONTENT, "the good file that was there is still there"


def test_a_missing_page_and_a_dead_server_are_explained(tmp_path):
    plan = Server()
    plan.status = 404
    with serving(plan) as url, pytest.raises(DataError, match="could not be fetched"):
        fetch(a_dataset(url), tmp_path)
    with pytest.raises(DataError, match="run the same command again"):
        fetch(a_dataset(url), tmp_path)
    assert not (tmp_path / "a.csv").exists()


def test_a_bad_file_in_place_is_replaced(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"half")
    with serving(Server()) as url:
        (path,) = fetch(a_dataset(url), tmp_path)
    assert path.read_bytes() == CONTENT


def run_child(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


CHILD = """
    import hashlib, os, resource, signal, sys
    from hanten.data.fetching import fetch
    from hanten.data.catalog import DataFile, Dataset
    from hanten.errors import DataError
    url, folder, size, digest, how = sys.argv[1:]
    file = DataFile("a.csv", "set/a.csv", int(size), digest, url)
    dataset = Dataset("a-set", "polymer", "train", "A set", "CC0", "nobody", files=(file,))
    if how == "full":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    def progress(name, done, total):
        if how == "killed" and done > total // 2:
            os.kill(os.getpid(), signal.SIGKILL)
    try:
        fetch(dataset, folder, progress=progress)
    except DataError as error:
        sys.exit(str(error))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits and SIGKILL")
def test_a_full_disk_leaves_nothing_behind(tmp_path):
    with serving(Server()) as url:
        run = run_child(CHILD, url, tmp_path, len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "full")
    assert run.returncode == 1
    assert "room on the disk" in run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits and SIGKILL")
def test_a_killed_process_leaves_no_file_and_the_next_run_finishes(tmp_path):
    with serving(Server()) as url:
        run = run_child(CHILD, url, tmp_path, len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "killed")
        assert run.returncode == -9
        assert not (tmp_path / "a.csv").exists()
        (path,) = fetch(a_dataset(url), tmp_path)
    assert path.read_bytes() == CONTENT


def a_mirror(folder, content=CONTENT):
    (folder / "set").mkdir(parents=True)
    (folder / "set" / "a.csv").write_bytes(content)
    return folder


def test_a_mirror_comes_before_the_network_and_is_used_in_place(tmp_path, monkeypatch):
    mirror = a_mirror(tmp_path / "mirror")
    dataset = a_dataset("http://127.0.0.1:9/never")
    monkeypatch.setenv("HANTEN_DATA_DIR", str(mirror))
    assert locate(dataset)["a.csv"] == mirror / "set" / "a.csv"
    (path,) = fetch(dataset, tmp_path / "here")
    assert path.read_bytes() == CONTENT
    monkeypatch.delenv("HANTEN_DATA_DIR")
    (path,) = fetch(dataset, tmp_path / "there", mirror=mirror)
    assert path.read_bytes() == CONTENT


def test_a_mirror_with_other_bytes_is_refused_and_named(tmp_path, monkeypatch):
    mirror = a_mirror(tmp_path / "mirror", CONTENT[::-1])
    dataset = a_dataset("http://127.0.0.1:9/never")
    with pytest.raises(DataError, match="SHA-256") as caught:
        fetch(dataset, tmp_path / "here", mirror=mirror)
    assert str(mirror) in str(caught.value)
    assert not (tmp_path / "here" / "a.csv").exists()
    monkeypatch.setenv("HANTEN_DATA_DIR", str(mirror))
    with pytest.raises(DataError, match="SHA-256"):
        locate(dataset)


def test_a_file_whose_home_holds_another_form_comes_only_from_a_mirror(tmp_path):
    with pytest.raises(DataError, match="HANTEN_DATA_DIR"):
        fetch(a_dataset(None), tmp_path)


def test_locate_never_uses_the_network():
    plan = Server()
    with serving(plan) as url, pytest.raises(DataError, match="hanten data fetch a-set"):
        locate(a_dataset(url))
    assert plan.requests == []


def test_folders_come_from_the_environment(tmp_path, monkeypatch):
    assert cache_folder() == (tmp_path / "cache").resolve()
    monkeypatch.delenv("HANTEN_CACHE_DIR")
    assert cache_folder().parts[-1] == "data"
    assert mirror_folder() is None
    monkeypatch.setenv("HANTEN_DATA_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="HANTEN_DATA_DIR"):
        mirror_folder()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="cannot be made"):
        fetch(a_dataset(None), tmp_path / "file" / "below")
