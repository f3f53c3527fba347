"""Operating system processes: started in a session of their own, ended with a deadline, never orphaned."""

from pim_pipelines.processes.child import Child, is_alive
from pim_pipelines.processes.lifeline import MARKER, Lifeline

__all__ = ["MARKER", "Child", "Lifeline", "is_alive"]
