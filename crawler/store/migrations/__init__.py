"""The schema's history: append a file, never edit one that was released."""
