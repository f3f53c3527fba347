"""What writing products and offers is told, and the one thing that it may say: that the plan is out of date."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: a change set (an import job's id) for a supplier (0: none) of a tenant."""

    tenant: int
    supplier: int
    change_set: int
    hash_version: int

    def values(self) -> dict[str, Any]:
        """Return the parameters of statements that write for it."""
        return {
            "tenant": self.tenant,
            "supplier": self.supplier,
            "change_set": self.change_set,
            "hash_version": self.hash_version,
        }


@dataclass(frozen=True, slots=True)
class Kinds:
    """What is among the incoming rows, so that nothing is paid for what is not, and how they are meant.

    fills_only: what a product has stays, only what it lacks is set. lists: a supplier's file has these products, so one
    that was made inactive because no file had it is active again. deactivates: rows set `is_active` to false because no
    file has their products, which is remembered until one has them. renames: an offer may get another SKU, and nothing
    else: cost and stock are a supplier's.
    """

    adopts: bool = False
    clears: bool = False
    fills_only: bool = False
    lists: bool = False
    deactivates: bool = False
    renames: bool = False


class Stale(Exception):
    """The catalogue is not what the plan saw: roll back, plan these rows again."""
