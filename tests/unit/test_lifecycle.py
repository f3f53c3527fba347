"""The job state machine against the contract's list of moves, written out here a second time."""

import pytest

from pim_pipelines.importing.lifecycle import FINAL, MOVES, JobStatus, may_move, sources

# "Moves: pending → analyzing, cancelled; analyzing → …" (the contract, section 3), plus
# "A run terminated in Dagster's UI cancels the job, from analyzing too", and "save-mapping with another `sheet`
# analyses that one first", which is done by a run like any other and so begins at pending.
CONTRACT = {
    "pending": {"analyzing", "cancelled", "failed"},
    "analyzing": {"awaiting_mapping", "ready", "failed", "cancelled"},
    "awaiting_mapping": {"ready", "pending"},
    "ready": {"ready", "processing", "pending"},
    "processing": {"completed", "cancelled", "ready", "failed"},
    "completed": set(),
    "failed": {"pending"},
    "cancelled": {"pending"},
}


@pytest.mark.parametrize("source", list(JobStatus))
@pytest.mark.parametrize("target", list(JobStatus))
def test_only_the_contracts_moves_are_allowed(source: JobStatus, target: JobStatus) -> None:
    assert may_move(source, target) is (target in CONTRACT[source])


def test_sources_are_the_moves_turned_around() -> None:
    assert {(s, t) for t in JobStatus for s in sources(t)} == {(s, t) for s, ts in MOVES.items() for t in ts}


def test_every_state_can_be_reached_and_completed_is_the_only_end() -> None:
    reached = {JobStatus.PENDING}
    while more := {t for s in reached for t in MOVES[s]} - reached:
        reached |= more
    assert reached == set(JobStatus)
    assert [s for s in FINAL if not MOVES[s]] == [JobStatus.COMPLETED]
