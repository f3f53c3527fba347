"""A job that does nothing: what the worker host runs to get warm."""

from dagster import In, Nothing, Out, in_process_executor, job, op


@op(out=Out(Nothing))
def begin() -> None:
    """Do nothing."""


@op(ins={"begun": In(Nothing)})
def end() -> None:
    """Do nothing after `begin`."""


@job(executor_def=in_process_executor)  # the default one would start an interpreter a step
def do_nothing() -> None:
    """Do nothing, in two steps."""
    end(begin())
