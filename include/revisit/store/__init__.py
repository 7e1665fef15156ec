"""PostgreSQL: the tables, the migrations, and how a statement of `sql/` is run."""
