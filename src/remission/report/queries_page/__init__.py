"""The page of queries: each child's timeline, what is asked, and the rows as recorded."""
