"""What a row must be, and the errors of rows that are not."""
