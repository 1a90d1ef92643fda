"""The queue's settings keep the relations that make a task harmless when it is slow, lost or doubled."""

from settings.queue import Q_CLUSTER


def test_a_slow_task_is_not_started_a_second_time() -> None:
    waiting = -(-(Q_CLUSTER["queue_limit"] + 1) // Q_CLUSTER["workers"])
    assert Q_CLUSTER["retry"] >= Q_CLUSTER["timeout"] * (1 + waiting) + 30


def test_an_outage_is_followed_by_one_tick_and_a_failure_by_none() -> None:
    assert Q_CLUSTER["catch_up"] is False
    assert Q_CLUSTER["ack_failures"] is True
    assert Q_CLUSTER["max_attempts"] == 3


def test_tasks_travel_by_the_database_itself_and_never_at_once() -> None:
    assert Q_CLUSTER["orm"] == "default"
    assert "sync" not in Q_CLUSTER
