"""The order of the walls, what each leaves possible, and what is refused when one is missing."""

from __future__ import annotations

import os

import pytest
from tests.unit.lock.programs import said, start

from passerby.base.errors import LockError
from passerby.lock import Limits, Profile, Walls, seccomp
from passerby.lock.landlock import State

NONE = State(None, "the kernel is built without Landlock")


def test_the_report() -> None:
    report = said("report = lock(); tell([report.profile, report.landlock_layers, report.seccomp, report.weaker])")
    assert report == [["test", 2, True, False]]


def test_a_locked_process_reads_and_writes_where_it_may() -> None:
    with start("lock(); os.write(1, os.read(0, 5)); os.read(3, 1)") as child:
        out, _ = child.communicate("hello", timeout=60)
    assert out == "hello"
    assert child.returncode == -31


def test_files_go_in_two_steps() -> None:
    steps = said("""
        here = Path(sys.prefix)
        note = Path(os.environ["TMPDIR"] if "TMPDIR" in os.environ else "/tmp")
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


def test_a_second_thread_before_the_first_or_second_wall_is_refused() -> None:
    early, late = said("""
        pid = os.fork()
        if pid == 0:
            threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
            tell(refusal(lambda: Walls().before_imports((0, 1, 2), Limits())))
            os._exit(0)
        os.waitpid(pid, 0)
        walls = Walls()
        walls.before_imports((0, 1, 2), Limits())
        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
        tell(refusal(walls.before_threads))
    """)
    assert early.startswith("2 threads run where only one may")
    assert late.startswith("2 threads run where only one may")


def test_a_thread_that_is_just_ending_is_waited_for() -> None:
    assert said("""
        walls = Walls()
        walls.before_imports((0, 1, 2), Limits())
        threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()
        tell(refusal(walls.before_threads))
    """) == [None]


def test_every_thread_gets_the_filter() -> None:
    """TSYNC: also the one that was asleep when the filter came."""
    told = said("""
        answers, wake, asleep = [], threading.Event(), threading.Event()
        def sleeper():
            asleep.set(); wake.wait(); answers.append(denied(os.uname))
        def start():
            global thread
            thread = threading.Thread(target=sleeper); thread.start(); asleep.wait()
        lock(between=start)
        wake.set(); thread.join()
        later = threading.Thread(target=lambda: answers.append(denied(os.uname))); later.start(); later.join()
        tell(answers)
    """)
    assert told == [["EACCES", "EACCES"]]


def test_a_thread_that_can_not_be_bound_is_fatal() -> None:
    """A thread with a filter of its own can't be synchronised: the kernel then names it instead of locking."""
    (message,) = said("""
        ready, end = threading.Event(), threading.Event()
        def loner():
            steps = ctypes.create_string_buffer(bytes.fromhex("060000000000ff7f"), 8)
            libc.syscall("seccomp", 1, 0, seccomp._Program(1, ctypes.addressof(steps)))
            ready.set(); end.wait()
        walls = Walls()
        walls.before_imports((0, 1, 2), Limits())
        walls.before_threads()
        threading.Thread(target=loner).start()
        ready.wait()
        tell(refusal(lambda: walls.before_first_packet(Profile("test", write_fds=(1,)))))
    """)
    assert "could not be brought under the system call filter" in message


def test_a_name_for_a_thread_is_taken_and_dropped() -> None:
    """FFmpeg names its threads; a name that stuck could be read by the whole machine."""
    with start("""
        lock()
        tell(denied(lambda: libc.prctl(libc.PR_SET_NAME, ctypes.addressof(ctypes.create_string_buffer(b"leak")))))
        os.read(0, 1)
    """) as child:
        assert child.stdout and child.stdout.readline() == "0\n"
        with open(f"/proc/{child.pid}/comm") as name:  # noqa: PTH123
            assert "leak" not in name.read()
        child.communicate("x")


def test_other_descriptors_are_closed() -> None:
    out, into = os.pipe()
    with start(f"lock(keep=(0, 1, 2, {into})); tell(1); os.read(0, 1)", pass_fds=[into]) as child:
        os.close(into)
        assert child.stdout and child.stdout.readline() == "1\n"
        assert os.read(out, 1) == b""  # the last writer is gone, so the child has closed its end
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


class TestWithoutLandlock:
    def test_refused_by_default_with_what_to_do(self) -> None:
        with pytest.raises(LockError, match=r"built without Landlock: use .* or ask for the weaker mode by name"):
            Walls(landlock_state=NONE).before_imports((0, 1, 2), Limits())

    def test_the_weaker_mode_is_reported(self) -> None:
        told = said("""
            report = lock(weaker=True, landlock_state=State(None, "why"))
            tell([report.landlock_abi, report.landlock_layers, report.seccomp, report.weaker, report.missing])
            tell(denied(lambda: os.open("/", os.O_RDONLY)))
        """)
        assert told == [[None, 0, True, True, "why"], "EACCES"]

    def test_the_weaker_mode_changes_nothing_where_landlock_is(self) -> None:
        assert said("report = lock(weaker=True); tell([report.landlock_layers, report.weaker])") == [[2, False]]

    @pytest.mark.parametrize("weaker", [True, False])
    def test_never_without_seccomp(self, monkeypatch: pytest.MonkeyPatch, weaker: bool) -> None:
        monkeypatch.setattr(seccomp, "available", lambda: "seccomp is missing")
        with pytest.raises(LockError, match="no system call filter: seccomp is missing"):
            Walls(weaker=weaker).before_imports((0, 1, 2), Limits())


def test_a_filter_that_does_not_answer_is_noticed() -> None:
    (message,) = said("""
        seccomp.load = lambda program: None
        tell(refusal(lock))
    """)
    assert message == "the system call filter does not answer"


def test_a_landlock_layer_that_does_not_hold_is_noticed() -> None:
    (message,) = said("""
        landlock.restrict_all = lambda: 7
        tell(refusal(lock))
    """)
    assert message == "Landlock's last layer does not hold"


def test_profiles_know_their_descriptors() -> None:
    assert Profile("x", read_fds=(0, 4), write_fds=(1,), seek_fds=(4,)).fds == {0, 1, 4}
