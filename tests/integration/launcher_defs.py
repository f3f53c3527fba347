"""A code location for the launcher's tests: small jobs that each show one thing."""

import os
import signal
import sys
import time
from pathlib import Path

from dagster import Config, Definitions, In, Nothing, OpExecutionContext, Out, in_process_executor, job, op


class Waiting(Config):
    """How long to wait: `seconds`, or until a file `<run id>.go` is in the folder `trace`.

    `<run id>.pid` and, at the end, `<run id>.span` (begin and end) are written there; `deaf` ignores
    requests to end.
    """

    trace: str
    seconds: float | None = None
    deaf: bool = False


@op(out=Out(Nothing))
def first(context: OpExecutionContext) -> None:
    """Say hello on both streams."""
    print("hello from stdout")  # noqa: T201
    print("hello from stderr", file=sys.stderr)  # noqa: T201
    os.write(1, b"hello from the descriptor\n")


@op(ins={"done": In(Nothing)}, out=Out(Nothing))
def second() -> None:
    """Do nothing."""


@op(ins={"done": In(Nothing)}, out=Out(Nothing))
def third() -> None:
    """Do nothing."""


@op(ins={"done": In(Nothing)})
def fourth() -> None:
    """Do nothing."""


@job(executor_def=in_process_executor)
def four_ops() -> None:
    """Do nothing, in four steps."""
    fourth(third(second(first())))


@op
def wait(context: OpExecutionContext, config: Waiting) -> None:
    """Wait, and leave a trace of when."""
    if config.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    began = time.time()
    trace = Path(config.trace) / context.run_id
    part = trace.with_suffix(".part")
    part.write_text(str(os.getpid()))
    part.rename(trace.with_suffix(".pid"))
    if config.seconds is None:
        while not trace.with_suffix(".go").exists():
            time.sleep(0.02)
    else:
        time.sleep(config.seconds)
    trace.with_suffix(".span").write_text(f"{began} {time.time()}")


@job(executor_def=in_process_executor)
def waiting() -> None:
    """Wait as long as the run's configuration says."""
    wait()


@op
def crunch(context: OpExecutionContext) -> None:
    """Read, sort and check frames with every library that a run uses."""
    import io

    import pandas as pd
    import pandera.polars as pa
    import polars as pl
    import pyarrow as arrow
    import pyarrow.csv as arrow_csv

    text = "a,b\n" + "".join(f"{(i * 7919) % 100_003},name {i}\n" for i in range(20_000))
    frame = pl.read_csv(io.BytesIO(text.encode())).sort("a")
    lazy = pl.scan_csv(io.BytesIO(text.encode())).group_by("b").agg(pl.col("a").max()).collect()
    schema = pa.DataFrameSchema({"a": pa.Column(int, pa.Check.ge(0)), "b": pa.Column(str, unique=True)})
    checked = schema.validate(frame)
    table = arrow_csv.read_csv(io.BytesIO(text.encode())).sort_by("a")
    pandas = pd.read_csv(io.StringIO(text)).sort_values("a")
    assert checked.height == lazy.height == table.num_rows == len(pandas) == 20_000
    assert frame.to_arrow().column("a").to_pylist() == table.column("a").to_pylist() == pandas["a"].tolist()
    assert arrow.total_allocated_bytes() > 0


@job(executor_def=in_process_executor)
def frames() -> None:
    """Work on frames."""
    crunch()


@op
def fail() -> None:
    """Fail."""
    raise RuntimeError("failed on purpose")


@job(executor_def=in_process_executor)
def failing() -> None:
    """Fail."""
    fail()


defs = Definitions(jobs=[four_ops, waiting, frames, failing])
