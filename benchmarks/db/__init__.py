"""`make bench-db`: the data layer at a million attempts and more, in a PostgreSQL of its own."""
