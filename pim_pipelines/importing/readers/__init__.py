"""One reader a format: blocks of text rows out of a file."""
