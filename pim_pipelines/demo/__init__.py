"""What `make demo` shows: a supplier's file of our own making."""
