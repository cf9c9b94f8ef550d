"""What must not be lost: damaged files, two writers, a kill in the middle, a full disk, no permission."""

import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from hanten.data import Record, open_database
from hanten.data.engine import is_writable
from hanten.errors import DataError


def run(code, *args, **kwargs):
    """Start Python on ``code``, with the words ``args``."""
    words = [sys.executable, "-c", textwrap.dedent(code), *map(str, args)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kwargs)


def finished(process):
    text, _ = process.communicate(timeout=120)
    return process.returncode, text


@pytest.fixture
def path(tmp_path):
    """A database with 300 records."""
    path = tmp_path / "records.db"
    units = ["*" + "C" * n + "O*" for n in range(1, 301)]
    open_database(path).add([Record.of(unit, "Tg", 200 + n) for n, unit in enumerate(units)])
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"SMILES,Tg\n*CC*,200\n", "not a database"),
        (b"\x00" * 5000, "not a database"),
        (b"PK\x03\x04 a workbook", "not a database"),
        (b"SQLite format 3\x00", "cut short"),
    ],
)
def test_a_file_that_is_no_database_is_refused_and_untouched(tmp_path, content, words):
    path = tmp_path / "other.db"
    path.write_bytes(content)
    for create in (True, False):
        with pytest.raises(DataError, match=words):
            open_database(path, create=create)
    assert path.read_bytes() == content
    assert [found.name for found in tmp_path.iterdir()] == ["other.db"]


def test_an_empty_file_becomes_a_database_only_when_written(tmp_path):
    path = tmp_path / "empty.db"
    path.touch()
    with pytest.raises(DataError, match="holds no records"):
        open_database(path, create=False)
    assert path.read_bytes() == b""
    open_database(path).add([Record.of("*CC*", "Tg", 200)])
    assert len(open_database(path, create=False)) == 1


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.99])
def test_a_half_written_database_is_refused_and_untouched(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    before = path.read_bytes()
    with pytest.raises(DataError, match="cut short"):
        open_database(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("page", [0, 1, 2, 4, 7, 11])
def test_damage_inside_is_an_error_that_teaches_never_a_traceback(path, page):
    content = bytearray(path.read_bytes())
    content[page * 4096 + (100 if page == 0 else 0) : (page + 1) * 4096] = b"\xa5" * (
        3996 if page == 0 else 4096
    )
    path.write_bytes(content)
    try:
        database = open_database(path)
        database.query()
        database.stats()
        database.imports()
        database.add([Record.of("*CS*", "Tg", 250)])
        database.undo()
    except DataError as error:
        assert str(path) in str(error)  # noqa: PT017  (not every page is looked at)


def test_the_database_of_another_program_is_refused_and_untouched(tmp_path):
    import sqlite3

    path = tmp_path / "bookmarks.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DataError, match="another program"):
        open_database(path)
    assert path.read_bytes() == before


def test_a_folder_is_no_database(tmp_path):
    with pytest.raises(DataError, match="folder"):
        open_database(tmp_path)


def test_two_processes_write_at_once_and_nothing_is_lost(place):
    code = """
        import sys
        from hanten.data import Record, open_database

        database = open_database(sys.argv[1])
        for batch in range(8):
            units = ["*" + "C" * n + "O*" for n in range(1, 31)]
            database.add([Record(u, "Tg", 200.0, "K", canonical=u, source=f"{sys.argv[2]}-{batch}") for u in units])
    """
    processes = [run(code, place, name) for name in ("one", "two")]
    for process in processes:
        assert finished(process) == (0, "")
    database = open_database(place)
    assert len(database) == 2 * 8 * 30
    assert len(database.imports()) == 16
    assert database.query()["canonical"].nunique() == 30


def test_two_processes_import_the_same_records_and_they_are_there_once(place):
    code = """
        import sys
        from hanten.data import Record, open_database

        records = [Record("*" + "C" * n + "O*", "Tg", 200.0, "K", canonical=f"{n}") for n in range(1, 101)]
        print(open_database(sys.argv[1]).add(records).n_records)
    """
    processes = [run(code, place) for _ in range(2)]
    written = [int(finished(process)[1]) for process in processes]
    assert sorted(written) == [0, 100]


def test_a_reader_does_not_wait_for_a_writer(path):
    database = open_database(path)
    with database._writing():
        assert len(open_database(path, create=False)) == 300


def test_a_writer_that_waits_too_long_says_so(path, monkeypatch):
    monkeypatch.setattr("hanten.data.engine.BUSY_SECONDS", 0.1)
    database = open_database(path)
    with database._writing(), pytest.raises(DataError, match="another process has been writing"):
        database.add([Record.of("*CS*", "Tg", 250)])


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_kill_in_the_middle_of_an_import_leaves_nothing_of_it(path):
    code = """
        import sys, time
        from hanten.data import Record, open_database, writing

        chunks = writing._chunks

        def slow(items):
            for number, chunk in enumerate(chunks(items)):
                yield chunk
                if number == 5:
                    print("in the middle", flush=True)
                    time.sleep(60)

        records = [Record("*CS*", "Tg", float(v), "K", canonical=f"{n}") for n in range(4) for v in range(200, 1400)]
        database = open_database(sys.argv[1])
        writing.known_values = lambda *_: {}
        writing._material_ids = (lambda real: lambda *a: (real(*a), setattr(writing, "_chunks", slow))[0])(
            writing._material_ids
        )
        database.add(records)
    """
    process = run(code, path)
    assert process.stdout.readline().strip() == "in the middle"
    process.send_signal(signal.SIGKILL)
    finished(process)
    database = open_database(path)
    assert len(database) == 300
    assert len(database.imports()) == 1
    assert database.add([Record.of("*CS*", "Tg", 250)]).n_records == 1


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_is_an_error_and_the_database_stays_whole(path):
    code = """
        import resource, sys
        from hanten.data import Record, open_database
        from hanten.errors import DataError

        records = [Record("*CS*", "Tg", float(v), "K", canonical=f"{n}") for n in range(4) for v in range(200, 1400)]
        database = open_database(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        try:
            database.add(records)
        except DataError as error:
            print(error)
        print(len(database))
    """
    code, text = finished(run(code, path))
    assert code == 0
    assert "nothing was written" in text
    assert text.split()[-1] == "300"
    database = open_database(path)
    assert len(database) == 300
    assert database.add([Record.of("*CS*", "Tg", 250)]).n_records == 1


def test_a_full_disk_while_making_the_database(tmp_path):
    code = """
        import resource, sys
        from hanten.data import open_database
        from hanten.errors import DataError

        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            open_database(sys.argv[1])
        except DataError as error:
            print(error)
    """
    assert "nothing was written" in finished(run(code, tmp_path / "new.db"))[1]
    assert len(open_database(tmp_path / "new.db")) == 0


@pytest.fixture
def public_folder():
    """A folder that another user can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize("folder_too", [True, False])
def test_a_read_only_database_can_be_read_and_says_why_it_cannot_be_written(path, public_folder, folder_too):
    copy = public_folder / "records.db"
    shutil.copy(path, copy)
    copy.chmod(0o444)
    public_folder.chmod(0o555 if folder_too else 0o777)
    code = """
        import os, sys
        from hanten.data import Record, open_database
        from hanten.errors import DataError

        records = [Record("*CS*", "Tg", 250.0, "K", canonical="*CS*")]
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        database = open_database(sys.argv[1])
        print(len(database), len(database.query("Tg", limit=11)))
        try:
            database.add(records)
        except DataError as error:
            print(error)
    """
    status, text = finished(run(code, copy))
    assert status == 0, text
    assert text.startswith("300 11")
    assert "read-only" in text
    assert [found.name for found in public_folder.iterdir()] == ["records.db"]


def test_is_writable(tmp_path):
    assert is_writable(tmp_path / "new.db")
    assert not is_writable(tmp_path / "no folder" / "new.db")
