"""Threads: none before the second wall, all behind the last, and their names stay inside."""

from __future__ import annotations

from tests.unit.lock.programs import said, start


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
