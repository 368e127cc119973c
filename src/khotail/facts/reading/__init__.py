"""Reading dirty files: workbooks, delimited text and Parquet into fact tables, and what happened to every row."""
