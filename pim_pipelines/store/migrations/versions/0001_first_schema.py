"""The first schema, whole.

Revision ID: 0001
Revises:
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table of the catalogue, in the schema that `search_path` names first."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    """There is nothing before the first schema."""
    raise RuntimeError("the first migration cannot be taken back: drop the schema `pim` instead")
