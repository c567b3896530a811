"""A closed set of states, a closed set of events, and what each event makes of each state: total, with one refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from passerby.base.errors import CharterError

State = TypeVar("State", bound=Enum)
Event = TypeVar("Event", bound=Enum)


@dataclass(frozen=True, slots=True)
class Flow(Generic[State, Event]):
    """How one kind of matter goes on.

    Args:
        name: What it is, for messages: "a request".
        first: Where it begins.
        steps: Where it goes; an event that isn't here is refused.
    """

    name: str
    first: State
    steps: Mapping[tuple[State, Event], State]

    def step(self, state: State, event: Event) -> State:
        """The state after an event.

        Raises:
            CharterError: This event can't come now; the message says which can.
        """
        if (after := self.steps.get((state, event))) is None:
            can = ", ".join(event.value for event in self.open_to(state)) or "nothing"
            raise CharterError(f"{self.name} that is {state.value} can't be given '{event.value}'", f"it takes: {can}")
        return after

    def open_to(self, state: State) -> tuple[Event, ...]:
        """What can come now."""
        return tuple(event for held, event in self.steps if held is state)

    def is_over(self, state: State) -> bool:
        """Whether nothing more is owed."""
        return state in self.ends()

    def ends(self) -> frozenset[State]:
        """States that only something new leaves: those whose every way out leads back to the beginning."""
        states = {*self.steps.values()} - {self.first}
        return frozenset(s for s in states if {self.steps[s, e] for e in self.open_to(s)} <= {self.first})
