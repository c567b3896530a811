"""Numbers of the system calls that escape attempts make: name:x86_64:aarch64, ``-`` where there is none.

Source: the kernel's headers. `test_calls.py` compares them with libseccomp.
"""

from __future__ import annotations

import os

_TABLE = """
accept4:288:242 access:21:- add_key:248:217 adjtimex:159:171 alarm:37:- arch_prctl:158:- bind:49:200 bpf:321:280
capget:125:90 capset:126:91 chdir:80:49 chmod:90:- chown:92:- chroot:161:51 clock_adjtime:305:266 clone:56:220
clone3:435:435 close_range:436:436 connect:42:203 copy_file_range:326:285 creat:85:- dup:32:23 dup2:33:- dup3:292:24
epoll_create1:291:20 eventfd2:290:19 execve:59:221 execveat:322:281 faccessat:269:48 faccessat2:439:439
fadvise64:221:223 fallocate:285:47 fanotify_init:300:262 fchdir:81:50 fchmod:91:52 fchmodat:268:53 fchownat:260:54
fcntl:72:25 flock:73:32 fork:57:- fsopen:430:430 fstat:5:80 fstatfs:138:44 fsync:74:82 ftruncate:77:46
futex_waitv:449:449 get_mempolicy:239:236 getcwd:79:17 getdents64:217:61 getitimer:36:102 getpgid:121:155
getppid:110:173 getpriority:140:141 getrlimit:97:163 getsid:124:156 getsockname:51:204 getsockopt:55:209
getuid:102:174 inotify_init1:294:26 io_setup:206:0 io_uring_setup:425:425 ioctl:16:29 ioperm:173:- ioprio_get:252:31
kcmp:312:272 keyctl:250:219 kill:62:129 landlock_create_ruleset:444:444 link:86:- linkat:265:37 listen:50:201
listxattr:194:11 lseek:8:62 lstat:6:- mbind:237:235 membarrier:324:283 memfd_create:319:279 memfd_secret:447:-
mincore:27:232 mkdir:83:- mkdirat:258:34 mknod:133:- mknodat:259:33 mlock:149:228 mlockall:151:230 mmap:9:222
modify_ldt:154:- mount:165:40 mount_setattr:442:442 move_pages:279:239 mprotect:10:226 mq_open:240:180
mq_unlink:241:181 msgctl:71:187 mremap:25:216 msgget:68:186 msync:26:227 name_to_handle_at:303:264 newfstatat:262:79
open:2:- open_by_handle_at:304:265 open_tree:428:428 openat:257:56 openat2:437:437 perf_event_open:298:241
personality:135:92 pidfd_getfd:438:438 pidfd_open:434:434 pidfd_send_signal:424:424 pipe:22:- pipe2:293:59
pkey_alloc:330:289 pkey_mprotect:329:288 poll:7:- ppoll:271:73 prctl:157:167 pread64:17:67 preadv:295:69
prlimit64:302:261 process_madvise:440:440 process_vm_readv:310:270 process_vm_writev:311:271 pselect6:270:72
ptrace:101:117 pwrite64:18:68 pwritev:296:70 read:0:63 readahead:187:213 readlink:89:- readlinkat:267:78 readv:19:65
recvfrom:45:207 recvmmsg:299:243 recvmsg:47:212 remap_file_pages:216:234 rename:82:- renameat2:316:276
request_key:249:218 rmdir:84:- rt_sigaction:13:134 rt_sigpending:127:136 rt_sigqueueinfo:129:138
rt_tgsigqueueinfo:297:240 sched_getaffinity:204:123 sched_getparam:143:121 sched_getscheduler:145:120
sched_setaffinity:203:122 sched_setscheduler:144:119 seccomp:317:277 select:23:- semctl:66:191 semget:64:190
sendfile:40:71 sendmmsg:307:269 sendmsg:46:211 sendto:44:206 set_mempolicy:238:237 setdomainname:171:162
setgroups:116:159 sethostname:170:161 setitimer:38:103 setns:308:268 setpgid:109:154 setpriority:141:140
setresuid:117:147 setsid:112:157 setsockopt:54:208 setuid:105:146 shmat:30:196 shmctl:31:195 shmget:29:194
shutdown:48:210 signalfd4:289:74 socket:41:198 socketpair:53:199 splice:275:76 stat:4:- statfs:137:43 statx:332:291
symlink:88:- symlinkat:266:36 sync:162:81 sync_file_range:277:84 sysinfo:99:179 syslog:103:116 tee:276:77
tgkill:234:131 timer_create:222:107 timerfd_create:283:85 times:100:153 tkill:200:130 truncate:76:45 umount2:166:39
uname:63:160 unlink:87:- unlinkat:263:35 unshare:272:97 userfaultfd:323:282 utimensat:280:88 vmsplice:278:75
wait4:61:260 waitid:247:95 write:1:64 writev:20:66
"""

NUMBERS: dict[str, tuple[int, int | None]] = {}
for _entry in _TABLE.split():
    _name, _x86, _arm = _entry.split(":")
    NUMBERS[_name] = (int(_x86), None if _arm == "-" else int(_arm))

_COLUMN = 0 if os.uname().machine == "x86_64" else 1
HERE = {name: found for name, pair in NUMBERS.items() if (found := pair[_COLUMN]) is not None}
