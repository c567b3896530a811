"""The one exception tree.

PasserbyError                 anything we tell a person about: one clear line, and what to do
├── UsageError                the command was used wrongly                            (exit 2)
├── SourceError               the video or picture can't be used
│   ├── SourceUnreadable      not a video or picture we can parse
│   └── SourceTooLarge        claims more pixels or bytes than a darkroom accepts
├── SceneError                a camera's scene.json says what can't be
├── OutputError               the result can't be written
│   └── FileChanged           somebody else changed the file meanwhile
├── DataFolderError           the data folder can't be used
│   └── DataFolderInUse       another station works in it
├── ArchiveError              redacted video can't be kept just now; the camera's state says why
│   ├── DiskFull              no room, or a quota is used up
│   ├── DiskReadOnly          the disk takes no writing
│   ├── DiskTooSlow           the disk takes less than the camera gives
│   ├── DiskFault             the disk reports anything else
│   ├── KeysError             the key file can't be used, or has no key for this
│   ├── ShareRefused          the keeper's share is not given: no proof, no pixels
│   │   ├── KeeperRefused     the keeper says no, and by which rule
│   │   └── KeeperAway        the keeper can't be reached
│   └── Altered               what the disk holds is not what was written
├── CustodyError              what is sealed to somebody can't be sealed or opened
├── StoreError                the database can't be used
│   └── Fenced                another owner has this shard, or may have it by now
├── FleetError                the cluster can't do what was asked
├── ServerError               pages and interface can't be served
├── ClientError               a server's interface can't be asked
│   ├── ApiRefused            it says no: with its status, and by which kind of problem
│   └── ApiAway               it can't be had, or what it says can't be read
├── NotifyError               a receiver of alerts was not reached, or refuses them
├── AccessError               an account, a role, a key or a sign-in is not what it must be
├── LockError                 the kernel can't lock the darkroom as asked
├── ModelError                a model file is missing, altered or not listed
├── OutletError               a message broke the outlet's rules
├── SettingsError             a settings file is wrong
├── PermitError               no permit, or one that does not cover this
├── ReleaseError              numbers can't be published
│   └── BudgetError           a camera's day has no budget left for this
├── CharterError              a site root, permit, key or paper is not what it must be
├── PressError                something can't be printed as it is
└── DarkroomError             a locked process ended when it should not have
"""

from __future__ import annotations

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


class PasserbyError(Exception):
    """Something went wrong that a person can understand.

    Args:
        message: One line that says what is wrong.
        advice: What to do about it, or the empty string.
    """

    exit_code = EXIT_FAILED

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        """The message and, where there is one, the advice: always a single line, which no file name can paint over."""
        line = f"{self.message}: {self.advice}" if self.advice else self.message
        return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in " ".join(line.split()))


class UsageError(PasserbyError):
    """The command was used wrongly."""

    exit_code = EXIT_USAGE


class SourceError(PasserbyError):
    """The video or picture can't be used."""


class SourceUnreadable(SourceError):
    """The source is not a video or picture that can be parsed."""


class SourceTooLarge(SourceError):
    """The source claims more pixels or bytes than a darkroom accepts."""


class SceneError(PasserbyError):
    """A camera's geometry or calibration says what can't be.

    Args:
        message: One line that says what is wrong.
        advice: What to do about it.
        fault: The rule that is broken, by name: one of those in ``docs/counting.md``.
    """

    def __init__(self, message: str, advice: str = "", fault: str = "") -> None:
        super().__init__(message, advice)
        self.fault = fault

    @classmethod
    def of(cls, fault: str, message: str, advice: str) -> SceneError:
        """An error with the name of its rule first, as checks read best."""
        return cls(message, advice, fault)


class OutputError(PasserbyError):
    """The result can't be written."""


class FileChanged(OutputError):
    """Somebody else changed the file since it was read; nothing was written."""


class DataFolderError(PasserbyError):
    """The data folder can't be used."""


class DataFolderInUse(DataFolderError):
    """Another station works in the data folder."""


class ArchiveError(PasserbyError):
    """Redacted video can't be kept just now."""


class DiskFull(ArchiveError):
    """The disk has no room, or a quota is used up."""


class DiskReadOnly(ArchiveError):
    """The disk takes no writing."""


class DiskTooSlow(ArchiveError):
    """The disk takes less than the camera gives."""


class DiskFault(ArchiveError):
    """The disk reports anything else."""


class KeysError(ArchiveError):
    """The key file can't be used, or has no key for this."""


class ShareRefused(ArchiveError):
    """The keeper's share is not given."""


class KeeperRefused(ShareRefused):
    """The keeper says no.

    Args:
        message: One line that says why.
        advice: What to do about it.
        reason: The rule, by name: one of those in ``docs/custody.md``.
    """

    def __init__(self, message: str, advice: str = "", reason: str = "") -> None:
        super().__init__(message, advice)
        self.reason = reason


class KeeperAway(ShareRefused):
    """The keeper can't be reached, or gave no answer."""


class Altered(ArchiveError):
    """What the disk holds is not what was written."""


class CustodyError(PasserbyError):
    """What is sealed to somebody can't be sealed or opened."""


class StoreError(PasserbyError):
    """The database can't be used."""


class Fenced(StoreError):
    """A write came too late: its lease is over, or another owner's token is newer."""


class FleetError(PasserbyError):
    """The cluster can't do what was asked."""


class NotifyError(PasserbyError):
    """A receiver of alerts was not reached, or refuses them.

    Args:
        message: One line.
        advice: What to do.
        final: Whether another try would be told the same.
    """

    def __init__(self, message: str, advice: str = "", *, final: bool = False) -> None:
        super().__init__(message, advice)
        self.final = final


class ServerError(PasserbyError):
    """Pages and interface can't be served."""


class AccessError(PasserbyError):
    """An account, a role, a key or a sign-in is not what it must be.

    Args:
        message: One line that says what is wrong.
        advice: What to do about it.
        kind: A word that pages know it by, to say it in the reader's language.
    """

    def __init__(self, message: str, advice: str = "", kind: str = "") -> None:
        super().__init__(message, advice)
        self.kind = kind


class ClientError(PasserbyError):
    """A server's interface can't be asked."""


class ApiRefused(ClientError):
    """The server says no.

    Args:
        message: One line that says why.
        advice: What to do about it.
        status: HTTP's.
        kind: The problem's type: ``about:blank``, or a word that programs know.
    """

    def __init__(self, message: str, advice: str = "", status: int = 0, kind: str = "") -> None:
        super().__init__(message, advice)
        self.status, self.kind = status, kind


class ApiAway(ClientError):
    """The server can't be had, or what it says can't be read."""


class LockError(PasserbyError):
    """The kernel can't lock the darkroom as asked."""


class ModelError(PasserbyError):
    """A model file is missing, altered or not listed."""


class OutletError(PasserbyError):
    """A message broke the outlet's rules."""


class SettingsError(PasserbyError):
    """A settings file, or something that it names, is wrong."""


class PermitError(PasserbyError):
    """There is no permit, or it does not cover what was asked."""


class CharterError(PasserbyError):
    """A site root, a permit or a key is not what it must be, or may not become what was asked."""


class ReleaseError(PasserbyError):
    """Numbers can't be published, or what was published is not what it must be."""


class BudgetError(ReleaseError):
    """A camera's day has no privacy budget left for this."""


class PressError(PasserbyError):
    """Something can't be printed: a font is missing, or the words don't fit."""


class DarkroomError(PasserbyError):
    """A locked process ended when it should not have."""
