"""A writer is killed, another goes on from what it finds, and only then power is lost.

What the first one wrote without making it durable is still seen by the second: it must not promise anything on it.
"""

from __future__ import annotations

import pytest
from tests.unit.ledger.disk_model import ModelDisk, PowerLoss
from tests.unit.ledger.test_crash import Story, operations, short_journal

assert short_journal


def killed(at: int) -> tuple[ModelDisk, Story]:
    """The disk as the next process sees it: nothing is lost, and what was not synced still is not."""
    disk, story = ModelDisk(fail_at=at), Story()
    with pytest.raises(PowerLoss):
        story.run(disk)
    disk.fail_at = 0
    story.look(disk)
    return disk, story


@pytest.mark.parametrize("seed", range(3))
def test_power_is_lost_after_a_killed_writer_was_followed(seed: int) -> None:
    for at in range(1 + seed, operations() + 1, 3):
        disk, story = killed(at)
        story.judge(disk)
        story.look(disk)
        story.judge(disk.after_power_loss(seed))


@pytest.mark.parametrize("seed", range(3))
def test_a_repeated_call_promises_only_what_is_durable(seed: int) -> None:
    for at in range(1 + seed, operations() + 1, 3):
        disk, story = killed(at)
        log = story.open(disk)
        for key, entry in story.asked.items():
            if log.find(key) is not None:
                story.acknowledge(log.append(entry, key=key), entry)
        log.abandon()
        story.look(disk)
        story.judge(disk.after_power_loss(seed))
