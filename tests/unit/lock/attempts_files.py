"""Attempts on files, by name and by descriptors that were open before."""

from __future__ import annotations

import errno
import os

from tests.unit.lock.attempt import DENIED, Attempt, refused
from tests.unit.lock.world import sys, words

HERE = -100  # AT_FDCWD
R, W, CREATE = os.O_RDONLY, os.O_RDWR, os.O_RDWR | os.O_CREAT
PASSWD = b"/etc/passwd"
A = DENIED  # what Landlock answers, too

BY_NAME = [
    refused("open", lambda w: sys("open", PASSWD, R), A),
    refused("open-write", lambda w: sys("open", w.path, W), A),
    refused("openat", lambda w: sys("openat", HERE, PASSWD, R), A),
    refused("openat-create", lambda w: sys("openat", HERE, w.new, CREATE, 0o600), A),
    refused("openat-inherited-folder", lambda w: sys("openat", w.dir, b"file", W), A),
    refused("openat-list-folder", lambda w: sys("openat", HERE, b"/", os.O_DIRECTORY), A),
    refused("openat-no-name", lambda w: sys("openat", HERE, bytes(w.folder), os.O_TMPFILE | W, 0o600), A),
    refused("openat-shared-memory", lambda w: sys("openat", HERE, b"/dev/shm/" + w.path[-9:-5], CREATE, 0o600), A),
    refused("openat-null", lambda w: sys("openat", HERE, b"/dev/null", W), A),
    refused("openat-own-memory", lambda w: sys("openat", HERE, b"/proc/self/mem", W), A),
    refused("openat-neighbour-memory", lambda w: sys("openat", HERE, b"/proc/%d/mem" % w.town.neighbour, R), A),
    refused("openat-descriptor-again", lambda w: sys("openat", HERE, b"/proc/self/fd/%d" % w.file, W), A),
    refused("openat-path-only", lambda w: sys("openat", HERE, PASSWD, os.O_PATH)),
    Attempt("openat2", lambda w: sys("openat2", HERE, PASSWD, words(R, 0, 0), 24), landlock=A),
    Attempt("creat", lambda w: sys("creat", w.new, 0o600), landlock=A),
    Attempt("unlink", lambda w: sys("unlink", w.path), landlock=A),
    Attempt("unlinkat", lambda w: sys("unlinkat", HERE, w.path, 0), landlock=A),
    Attempt("rename", lambda w: sys("rename", w.path, w.new), landlock=A),
    Attempt("renameat2", lambda w: sys("renameat2", HERE, w.path, HERE, w.new, 0), landlock=A),
    Attempt("mkdir", lambda w: sys("mkdir", w.new, 0o700), landlock=A),
    Attempt("mkdirat", lambda w: sys("mkdirat", HERE, w.new, 0o700), landlock=A),
    Attempt("rmdir", lambda w: sys("rmdir", w.sub), landlock=A),
    Attempt("symlink", lambda w: sys("symlink", w.path, w.new), landlock=A),
    Attempt("link", lambda w: sys("link", w.path, w.new), landlock=A),
    Attempt("linkat", lambda w: sys("linkat", HERE, w.path, HERE, w.new, 0), landlock=A),
    Attempt("mknod-pipe", lambda w: sys("mknod", w.new, 0o010600, 0), landlock=A),
    Attempt("mknodat-pipe", lambda w: sys("mknodat", HERE, w.new, 0o010600, 0), landlock=A),
    Attempt("truncate", lambda w: sys("truncate", w.path, 1), landlock=A),
    Attempt("chmod", lambda w: sys("chmod", w.path, 0o700)),
    Attempt("fchmodat", lambda w: sys("fchmodat", HERE, w.path, 0o700)),
    Attempt("chown", lambda w: sys("chown", w.path, os.getuid(), os.getgid())),
    Attempt("utimensat", lambda w: sys("utimensat", HERE, w.path, 0, 0)),
    Attempt("listxattr", lambda w: sys("listxattr", w.path, w.out, 100), feature="extended attributes"),
    Attempt("chdir", lambda w: sys("chdir", b"/")),
    Attempt("fchdir", lambda w: sys("fchdir", w.dir)),
    Attempt("chroot", lambda w: sys("chroot", bytes(w.folder)), root=True),
    Attempt("name_to_handle_at", lambda w: sys("name_to_handle_at", HERE, w.path, words(128, *[0] * 16), w.out, 0)),
    Attempt("open_tree", lambda w: sys("open_tree", HERE, w.sub, 0)),
    Attempt("fsopen", lambda w: sys("fsopen", b"tmpfs", 0), root=True),
    Attempt("mount", lambda w: sys("mount", b"none", w.sub, b"tmpfs", 0, 0), root=True, landlock=errno.EPERM),
    Attempt(
        "umount2", lambda w: sys("umount2", w.sub, 0), root=True,
        control=errno.EINVAL, reason="nothing is mounted there, and mounting first would be two calls",
    ),
    Attempt("inotify_init1", lambda w: sys("inotify_init1", 0), feature="inotify"),
    Attempt("fanotify_init", lambda w: sys("fanotify_init", 0x200, R), feature="fanotify"),
    Attempt("sync", lambda w: sys("sync")),
]  # fmt: skip

QUESTIONS = [
    refused("stat", lambda w: sys("stat", PASSWD, w.out)),
    refused("lstat", lambda w: sys("lstat", PASSWD, w.out)),
    refused("newfstatat", lambda w: sys("newfstatat", HERE, PASSWD, w.out, 0)),
    refused("statx", lambda w: sys("statx", HERE, PASSWD, 0, 0xFFF, w.out)),
    refused("fstat", lambda w: sys("fstat", w.file, w.out)),
    refused("statfs", lambda w: sys("statfs", b"/", w.out)),
    refused("fstatfs", lambda w: sys("fstatfs", w.file, w.out)),
    refused("access", lambda w: sys("access", PASSWD, os.R_OK)),
    refused("faccessat", lambda w: sys("faccessat", HERE, PASSWD, os.R_OK)),
    refused("faccessat2", lambda w: sys("faccessat2", HERE, PASSWD, os.R_OK, 0)),
    refused("readlink", lambda w: sys("readlink", w.link, w.out, 100)),
    refused("readlinkat", lambda w: sys("readlinkat", HERE, w.link, w.out, 100)),
    refused("getdents64", lambda w: sys("getdents64", w.dir, w.out, 4096)),
    refused("getcwd", lambda w: sys("getcwd", w.out, 4096)),
    refused("ioctl", lambda w: sys("ioctl", w.full, 0x541B, w.out)),
    refused("fcntl-copy", lambda w: sys("fcntl", w.file, 0, 100)),
    refused("pread64", lambda w: sys("pread64", w.file, w.out, 16, 0)),
    refused("lseek", lambda w: sys("lseek", w.file, 0, 1)),
    refused("eventfd2", lambda w: sys("eventfd2", 0, 0)),
    refused("uname", lambda w: sys("uname", w.out)),
    refused("sysinfo", lambda w: sys("sysinfo", w.out)),
    refused("getrlimit", lambda w: sys("getrlimit", 7, w.out)),
    refused("prlimit64", lambda w: sys("prlimit64", 0, 7, words(64, 64), w.out)),
]

BY_DESCRIPTOR = [
    Attempt("read-inherited", lambda w: sys("read", w.file, w.out, 16)),
    Attempt("write-inherited", lambda w: sys("write", w.file, w.text, 16)),
    Attempt("write-inherited-pipe", lambda w: sys("write", w.spare_in, w.text, 16)),
    Attempt("write-inherited-socket", lambda w: sys("write", w.left.fileno(), w.text, 16)),
    Attempt("readv", lambda w: sys("readv", w.file, w.vector(), 1)),
    Attempt("writev", lambda w: sys("writev", w.file, w.vector(), 1)),
    Attempt("preadv", lambda w: sys("preadv", w.file, w.vector(), 1, 0, 0)),
    Attempt("pwritev", lambda w: sys("pwritev", w.file, w.vector(), 1, 0, 0)),
    Attempt("pwrite64", lambda w: sys("pwrite64", w.file, w.text, 16, 0)),
    Attempt("write-own-memory", lambda w: sys("pwrite64", w.own_memory, w.text, 16, w.page)),
    Attempt("sendfile", lambda w: sys("sendfile", w.spare_in, w.file, 0, 16)),
    Attempt("splice", lambda w: sys("splice", w.full, 0, w.spare_in, 0, 16, 0)),
    Attempt("tee", lambda w: sys("tee", w.full, w.spare_in, 16, 0)),
    Attempt("vmsplice", lambda w: sys("vmsplice", w.spare_in, w.vector(), 1, 0)),
    Attempt("copy_file_range", lambda w: sys("copy_file_range", w.file, 0, w.other, 0, 16, 0)),
    Attempt("ftruncate", lambda w: sys("ftruncate", w.file, 1)),
    Attempt("fallocate", lambda w: sys("fallocate", w.memory, 0, 0, 4096)),
    Attempt("fsync", lambda w: sys("fsync", w.file)),
    Attempt("flock", lambda w: sys("flock", w.file, 2)),
    Attempt("fchmod", lambda w: sys("fchmod", w.file, 0o700)),
    Attempt("readahead", lambda w: sys("readahead", w.file, 0, 16)),
    Attempt("dup", lambda w: sys("dup", w.file)),
    Attempt("dup2", lambda w: sys("dup2", w.file, 100)),
    Attempt("dup3", lambda w: sys("dup3", w.file, 100, 0)),
    Attempt("pipe", lambda w: sys("pipe", w.out)),
    Attempt("pipe2", lambda w: sys("pipe2", w.out, 0)),
    Attempt("close_range", lambda w: sys("close_range", 100, 101, 0)),
    Attempt("memfd_create", lambda w: sys("memfd_create", b"room", 0)),
    Attempt("memfd_secret", lambda w: sys("memfd_secret", 0), feature="secret memory"),
    Attempt("epoll_create1", lambda w: sys("epoll_create1", 0)),
    Attempt("timerfd_create", lambda w: sys("timerfd_create", 1, 0)),
    Attempt("signalfd4", lambda w: sys("signalfd4", -1, words(0), 8, 0)),
    Attempt("poll", lambda w: sys("poll", words(w.full | 1 << 32), 1, 0)),
    Attempt("ppoll", lambda w: sys("ppoll", words(w.full | 1 << 32), 1, words(0, 0), 0, 8)),
    Attempt("select", lambda w: sys("select", 0, 0, 0, 0, words(0, 0))),
    Attempt("pselect6", lambda w: sys("pselect6", 0, 0, 0, 0, words(0, 0), 0)),
]  # fmt: skip

FILES = BY_NAME + QUESTIONS + BY_DESCRIPTOR
