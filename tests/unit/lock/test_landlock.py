"""Landlock by itself: what each layer leaves, which rights each ABI gets, and what its absence is called."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest
from tests.unit.lock.programs import said

from passerby.base.errors import LockError
from passerby.lock import landlock, libc

# Names from the kernel's <linux/landlock.h>, in order of their bits.
FILE_RIGHTS = [
    *("EXECUTE", "WRITE_FILE", "READ_FILE", "READ_DIR", "REMOVE_DIR", "REMOVE_FILE", "MAKE_CHAR", "MAKE_DIR"),
    *("MAKE_REG", "MAKE_SOCK", "MAKE_FIFO", "MAKE_BLOCK", "MAKE_SYM", "REFER", "TRUNCATE", "IOCTL_DEV"),
]


@pytest.mark.parametrize(
    ("abi", "last", "tcp", "scopes"),
    [
        (1, "MAKE_SYM", 0, 0),
        (2, "REFER", 0, 0),
        (3, "TRUNCATE", 0, 0),
        (4, "TRUNCATE", 3, 0),
        (5, "IOCTL_DEV", 3, 0),
        (6, "IOCTL_DEV", 3, 3),
        (7, "IOCTL_DEV", 3, 3),
        (99, "IOCTL_DEV", 3, 3),
    ],
)
def test_rights_by_abi(abi: int, last: str, tcp: int, scopes: int) -> None:
    files = (1 << (FILE_RIGHTS.index(last) + 1)) - 1
    assert landlock.rights(abi) == (files, tcp, scopes)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (errno.ENOSYS, "built without"),
        (errno.EOPNOTSUPP, "disabled at boot"),
        (errno.EPERM, "container"),
        (errno.EIO, "the kernel answers: Input/output error"),
    ],
)
def test_why_it_is_missing(monkeypatch: pytest.MonkeyPatch, answer: int, reason: str) -> None:
    def refuse(*_: object) -> int:
        raise OSError(answer, os.strerror(answer))

    monkeypatch.setattr(libc, "syscall", refuse)
    assert landlock.abi() is None
    assert reason in landlock.state().reason
    with pytest.raises(LockError, match="no Landlock"):
        landlock.restrict_all()
    with pytest.raises(LockError, match="no Landlock"):
        landlock.restrict_reads([Path("/")])


def test_reading_beneath_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").write_text("inside")
    (tmp_path / "alone").write_text("alone")
    (tmp_path / "out").write_text("outside")
    (tmp_path / "way").symlink_to(tmp_path / "out")
    (tmp_path / "in" / "way").symlink_to(tmp_path / "out")
    program = f"""
        here = Path({str(tmp_path)!r})
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict_reads([here / "in", here / "alone"])
        read = lambda name: tell(denied((here / name).read_text))
        read("in/file"); read("alone"); read("out"); read("in/way"); read("way")
        tell(denied(lambda: (here / "in/file").write_text("x")))
        tell(denied(lambda: os.open(here / "in/file", os.O_WRONLY)))
        tell(denied(lambda: (here / "in/new").mkdir()))
        tell(denied(lambda: (here / "alone").unlink()))
        tell(denied(lambda: os.execv("/bin/sh", ["sh"])))
    """
    assert said(program) == ["inside", "alone", *["EACCES"] * 8]


def test_writing_in_a_folder_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "file").write_text("old")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("other")
    program = f"""
        here = Path({str(tmp_path)!r})
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict_reads([here / "other"], own=[here / "own"])
        (here / "own/file").write_text("new")
        (here / "own/more").mkdir()
        (here / "own/more/file").write_text("more")
        (here / "own/more/file").replace(here / "own/more/again")
        (here / "own/more/again").unlink()
        (here / "own/more").rmdir()
        tell((here / "own/file").read_text())
        tell((here / "other/file").read_text())
        tell(denied(lambda: (here / "other/file").write_text("x")))
        tell(denied(lambda: (here / "other/new").mkdir()))
        tell(denied(lambda: (here / "new").write_text("x")))
        tell(denied(lambda: (here / "own/link").symlink_to("/")))
        tell(denied(lambda: os.mkfifo(here / "own/pipe")))
    """
    assert said(program) == ["new", "other", *["EACCES"] * 5]


def test_a_link_is_followed_once_to_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("there")
    (tmp_path / "link").symlink_to("there")
    assert said(f"""
        here = Path({str(tmp_path)!r})
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict_reads([here / "link"])
        tell((here / "there").read_text())
    """) == ["there"]


def test_libraries_load_without_the_right_to_execute() -> None:
    """Landlock asks about opening a library, not about mapping it as code."""
    import _decimal

    if not getattr(_decimal, "__file__", ""):
        pytest.skip("this Python has its extensions built in")
    assert said("""
        walls = Walls()
        walls.before_imports((0, 1, 2), Limits())
        import _decimal
        tell(_decimal.__name__)
    """) == [_decimal.__name__]


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (message,) = said(f"""
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        tell(refusal(lambda: landlock.restrict_reads([Path({str(tmp_path / "absent")!r})])))
    """)
    assert message.startswith("Landlock refused")
    assert "absent" in message


def test_layers_only_take_away() -> None:
    assert said("""
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict_all()
        landlock.restrict_reads([Path("/")])
        tell(denied(lambda: os.listdir("/")))
    """) == ["EACCES"]


def test_what_imports_need_is_there_and_holds_no_home() -> None:
    (found,) = said("tell([str(p) for p in readable_for_imports()])")
    assert sys.prefix in found
    assert all(Path(place).exists() for place in found)
    assert not {"/", "/home", "/etc", "/tmp", "/var", "/root", "/proc", "/dev"} & set(found)
