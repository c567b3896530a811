"""Results appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from passerby.archive import output
from passerby.archive.output import NO_NAMELESS_FILES, NewFile, refuse_unwritable
from passerby.base.errors import OutputError

REAL_OPEN = os.open


def open_without_nameless(error: int, seen: list[int]) -> object:
    """An `os.open` on a file system that knows no nameless files."""

    def fake(path: object, flags: int, *rest: object, **named: object) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            seen.append(error)
            raise OSError(error, os.strerror(error))
        return REAL_OPEN(path, flags, *rest, **named)  # type: ignore[arg-type]

    return fake


@pytest.fixture(params=["nameless", *(errno.errorcode[e] for e in NO_NAMELESS_FILES)])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, on a file system with nameless files and on those without."""
    if request.param != "nameless":
        monkeypatch.setattr(output.os, "open", open_without_nameless(getattr(errno, request.param), []))
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_result_appears_when_it_is_whole(folder: Path) -> None:
    with NewFile(folder / "out.mp4") as new:
        new.file.write(b"first ")
        assert "out.mp4" not in names(folder)
        new.file.write(b"second")
    assert names(folder) == ["out.mp4"]
    assert (folder / "out.mp4").read_bytes() == b"first second"


def test_a_failure_inside_leaves_nothing(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), NewFile(folder / "out.mp4") as new:
        new.file.write(b"half")
        new.file.flush()
        raise ZeroDivisionError
    assert names(folder) == []
    assert new.file.closed


def test_a_failure_inside_leaves_what_was_there(folder: Path) -> None:
    (folder / "out.mp4").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), NewFile(folder / "out.mp4") as new:
        new.file.write(b"half")
        raise KeyboardInterrupt
    assert names(folder) == ["out.mp4"]
    assert (folder / "out.mp4").read_bytes() == b"old"


def test_what_was_there_is_replaced_at_once(folder: Path) -> None:
    target = folder / "out.mp4"
    target.write_bytes(b"old")
    before = target.stat().st_ino
    with target.open("rb") as reader:
        with NewFile(target) as new:
            new.file.write(b"new")
            new.file.flush()
            assert target.read_bytes() == b"old"
        assert reader.read() == b"old", "whoever reads the old file keeps it"
    assert target.read_bytes() == b"new"
    assert target.stat().st_ino != before
    assert names(folder) == ["out.mp4"]


def test_the_file_can_be_sought_and_read(folder: Path) -> None:
    with NewFile(folder / "out.mp4") as new:
        new.file.write(b"....tail")
        new.file.seek(0)
        new.file.write(b"head")
        new.file.seek(0)
        assert new.file.read() == b"headtail"
    assert (folder / "out.mp4").read_bytes() == b"headtail"


def test_a_result_is_written_to_disk_before_it_has_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real_sync = os.fsync

    def sync(fd: int) -> None:
        seen.append(f"{os.fstat(fd).st_size} bytes, named: {(folder / 'out.mp4').exists()}")
        real_sync(fd)

    monkeypatch.setattr(output.os, "fsync", sync)
    with NewFile(folder / "out.mp4") as new:
        new.file.write(b"whole")
    assert seen == ["5 bytes, named: False"]
    assert (folder / "out.mp4").read_bytes() == b"whole"


def test_a_new_result_gets_its_name_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is replaced there is no moment at which a kill would leave another name behind."""
    monkeypatch.setattr(NewFile, "_other_name", lambda self: pytest.fail("a second name"))
    with NewFile(tmp_path / "out.mp4") as new:
        new.file.write(b"whole")
    assert names(tmp_path) == ["out.mp4"]


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "fifo"])
def test_what_is_no_file_is_refused(folder: Path, make: object) -> None:
    make(folder / "out.mp4")  # type: ignore[operator]
    with pytest.raises(OutputError, match="is not a regular file"), NewFile(folder / "out.mp4"):
        pytest.fail("entered")
    assert names(folder) == ["out.mp4"]
    assert not stat.S_ISREG((folder / "out.mp4").stat().st_mode)


def test_a_missing_folder_is_refused(folder: Path) -> None:
    with pytest.raises(OutputError, match=r"missing/out.mp4 can't be written \(No such file"):
        NewFile(folder / "missing" / "out.mp4").__enter__()
    assert names(folder) == []


def test_a_file_in_place_of_a_folder_is_refused(folder: Path) -> None:
    (folder / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"can't be written \(Not a directory"):
        NewFile(folder / "file" / "out.mp4").__enter__()


def test_where_nothing_can_be_made_is_refused() -> None:
    """/proc/self takes no new file from anybody, root included."""
    with pytest.raises(OutputError, match="can't be written"):
        NewFile(Path("/proc/self/out.mp4")).__enter__()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(folder: Path) -> None:
    folder.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="Permission denied"):
            NewFile(folder / "out.mp4").__enter__()
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EMFILE])
def test_other_errors_are_no_reason_to_try_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    seen: list[int] = []
    monkeypatch.setattr(output.os, "open", open_without_nameless(error, seen))
    with pytest.raises(OutputError, match=os.strerror(error)):
        NewFile(tmp_path / "out.mp4").__enter__()
    assert seen == [error]
    assert names(tmp_path) == []


@pytest.mark.parametrize("step", ["fsync", "replace", "link"])
def test_a_full_disk_at_the_end_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*((Path, "replace") if step == "replace" else (output.os, step)), full)
    (tmp_path / "out.mp4").write_bytes(b"old")
    with pytest.raises(OutputError, match="No space left"), NewFile(tmp_path / "out.mp4") as new:
        new.file.write(b"new")
    assert names(tmp_path) == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_bytes() == b"old"


def test_a_disk_that_fills_on_the_way_is_one_clear_error() -> None:
    with Path("/dev/full").open("r+b", buffering=0) as full, pytest.raises(OutputError, match="No space left"):
        new = NewFile(Path("/dev/shm/out.mp4"))  # never gets its name
        new.__enter__()
        os.dup2(full.fileno(), new.file.fileno())
        new.file.write(b"x")
        new.__exit__(None, None, None)
    assert not Path("/dev/shm/out.mp4").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from passerby.archive.output import NewFile
with NewFile(Path(sys.argv[1])) as new:
    new.file.write(b"x" * 100_000)
    new.file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "out.mp4"], check=False, timeout=60)
    assert done.returncode == -9
    assert names(tmp_path) == []


def test_a_link_without_a_target_is_replaced_not_followed(folder: Path) -> None:
    (folder / "out.mp4").symlink_to(folder / "elsewhere")
    with NewFile(folder / "out.mp4") as new:
        new.file.write(b"new")
    assert names(folder) == ["out.mp4"]
    assert (folder / "out.mp4").read_bytes() == b"new"


def test_asking_first_changes_nothing(folder: Path) -> None:
    refuse_unwritable(folder / "out.mp4")
    (folder / "old.mp4").write_bytes(b"old")
    refuse_unwritable(folder / "old.mp4")
    assert names(folder) == ["old.mp4"]
    assert (folder / "old.mp4").read_bytes() == b"old"


def test_asking_first_refuses_what_writing_would(folder: Path) -> None:
    for path in (folder, folder / "missing" / "out.mp4", Path("/proc/self/out.mp4")):
        with pytest.raises(OutputError):
            refuse_unwritable(path)


@pytest.mark.parametrize("length", [237, 255])
def test_the_longest_names_can_be_written(tmp_path: Path, length: int) -> None:
    with NewFile(tmp_path / ("x" * length)) as new:
        new.file.write(b"whole")
    assert [len(n) for n in names(tmp_path)] == [length]


def test_a_name_that_is_too_long_is_refused(folder: Path) -> None:
    with pytest.raises(OutputError, match="File name too long"):
        NewFile(folder / ("x" * 256)).__enter__()
