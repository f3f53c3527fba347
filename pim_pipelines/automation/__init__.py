"""Automated imports: when configs are due, which of their files are new, and the jobs that come of them.

| module | noun |
|---|---|
| `cron.py` | the due times of a schedule, right over daylight saving |
| `due.py` | the configs that are due now, each claimed once |
| `new_files.py` | which of the files that are there were not imported yet, and are whole |
| `taking.py` | a new file into the file store, its job, and the ledger |
| `looking.py` | one look of a config, from its first connection to its result |
| `watching.py` | many places at once, looked at between the scheduled times |
| `reimporting.py` | the latest file of a supplier once more |

Imports neither Dagster nor the web framework; docs/automated-imports.md tells the whole story.
"""
