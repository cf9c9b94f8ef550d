from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from hanten.errors import RunError
from hanten.runs import atomic_write


def write_half(target):
    with atomic_write(target) as handle:
        handle.write("half")
        raise KeyError


def test_nothing_is_left_when_writing_fails(tmp_path):
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(KeyError):
        write_half(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(RunError, match="nowhere"), atomic_write(tmp_path / "nowhere" / "a.csv"):
        pass


def test_permissions_follow_the_umask(tmp_path):
    with atomic_write(tmp_path / "a") as handle:
        handle.write("x")
    (tmp_path / "b").write_text("x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit on file sizes")
def test_a_full_disk_is_an_error_and_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.csv"
    target.write_text("old")
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from hanten.errors import RunError\n"
        "from hanten.runs import atomic_write\n"
        "try:\n"
        "    with atomic_write(sys.argv[1]) as handle:\n"
        "        handle.write('x' * 100_000)\n"
        "except RunError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(target)], capture_output=True, text=True, check=True
    )
    assert "cannot be written" in done.stdout
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
