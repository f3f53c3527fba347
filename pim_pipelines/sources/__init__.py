"""Files from somewhere else into the file store."""
