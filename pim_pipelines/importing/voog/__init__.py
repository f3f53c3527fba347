"""The second API's kind of import: its attributes, and what its columns and rows mean."""
