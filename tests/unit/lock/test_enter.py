"""The order of the walls, what each leaves possible, and what is refused when one is missing."""

from __future__ import annotations

import os
import select
from pathlib import Path

import pytest
from tests.unit.lock.programs import said, start

from passerby.lock import Profile


def test_the_report() -> None:
    report = said("report = lock(); tell([report.profile, report.landlock_layers, report.seccomp, report.weaker])")
    assert report == [["test", 2, True, False]]


def test_a_locked_process_reads_and_writes_where_it_may() -> None:
    with start("lock(); os.write(1, os.read(0, 5)); os.read(3, 1)") as child:
        out, _ = child.communicate("hello", timeout=60)
    assert out == "hello"
    assert child.returncode == -31


def test_files_go_in_two_steps(tmp_path: Path) -> None:
    steps = said(f"""
        here = Path(sys.prefix)
        note = Path({str(tmp_path)!r})
        walls = Walls()
        tell(denied(lambda: len(os.listdir(here)) > 0))
        walls.before_imports((0, 1, 2), Limits(), [here], parent=os.getppid())
        tell(denied(lambda: len(os.listdir(here)) > 0))
        tell(denied(lambda: os.listdir(note)))
        tell(denied(lambda: os.open(here / "new", os.O_CREAT | os.O_WRONLY)))
        walls.before_threads()
        tell(denied(lambda: os.listdir(here)))
    """)
    assert steps == [True, True, "EACCES", "EACCES", "EACCES"]


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ("walls.before_threads()", "WARM_UP after OPEN"),
        ("walls.before_first_packet(Profile('x'))", "LOCKED after OPEN"),
        ("first(); walls.before_first_packet(Profile('x'))", "LOCKED after IMPORTS"),
        ("first(); first()", "IMPORTS after IMPORTS"),
    ],
)
def test_no_wall_out_of_order(steps: str, wrong: str) -> None:
    (message,) = said(f"""
        walls = Walls()
        first = lambda: walls.before_imports((0, 1, 2), Limits())
        def work():
            {steps}
        tell(refusal(work))
    """)
    assert wrong in message


def test_other_descriptors_are_closed() -> None:
    out, into = os.pipe()
    with start(f"lock(keep=(0, 1, 2, {into})); tell(1); os.read(0, 1)", pass_fds=[into]) as child:
        os.close(into)
        assert child.stdout and child.stdout.readline() == "1\n"
        poll = select.poll()
        poll.register(out, select.POLLIN)
        assert poll.poll(10_000), "the child has kept its end"
        assert os.read(out, 1) == b""
        child.communicate("x")
    os.close(out)


@pytest.mark.parametrize("profile", ['Profile("x", read_fds=(40,))', 'Profile("x", seek_fds=(40,))'])
def test_a_profile_that_names_a_closed_descriptor_is_refused(profile: str) -> None:
    (message,) = said(f"tell(refusal(lambda: lock({profile})))")
    assert message == "descriptor 40 of profile x is not open"


def test_seeking_in_the_one_source_file() -> None:
    with open(__file__, "rb") as source:  # noqa: PTH123
        fd = source.fileno()
        program = f"""
            lock(Profile("seek", read_fds=({fd},), write_fds=(1,), seek_fds=({fd},)), keep=(0, 1, 2, {fd}))
            tell(os.lseek({fd}, 3, os.SEEK_SET)); tell(os.read({fd}, 3).decode())
            tell(denied(lambda: os.lseek(0, 0, os.SEEK_SET)))
        """
        assert said(program, pass_fds=[fd]) == [3, "The", "EACCES"]


def test_waiting_on_two_pipes() -> None:
    told = said("""
        import select
        r, w = os.pipe(); os.write(w, b"x")
        lock(Profile("poll", read_fds=(0, r), write_fds=(1,), allow_poll=True), keep=(0, 1, 2, r, w))
        poll = select.poll(); poll.register(r, select.POLLIN)
        tell([fd == r for fd, _ in poll.poll(1000)])
    """)
    assert told == [[True]]


def test_a_strict_profile_kills_a_question() -> None:
    with start('lock(Profile("strict", write_fds=(1,), strict=True)); tell(1); os.uname(); tell(2)') as child:
        out, _ = child.communicate(timeout=60)
    assert (out, child.returncode) == ("1\n", -31)


def test_what_python_itself_needs_still_works() -> None:
    told = said("""
        import gc, random, traceback
        lock()
        time.sleep(0.01); time.monotonic(); time.time(); time.thread_time(); time.get_clock_info("monotonic")
        os.urandom(8); random.SystemRandom().random(); gc.collect(); bytearray(1 << 26)
        event = threading.Event(); threading.Timer(0.01, event.set).start(); event.wait(5)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            import turtle
        except ImportError:
            tell("import")
        except PermissionError:
            tell("refused")
        try:
            raise ValueError
        except ValueError:
            tell(traceback.format_exc().splitlines()[-1])
    """)
    assert told[0] in ("refused", "import")
    assert told[1] == "ValueError"


def test_profiles_know_their_descriptors() -> None:
    assert Profile("x", read_fds=(0, 4), write_fds=(1,), seek_fds=(4,)).fds == {0, 1, 4}
