"""The same rules over whole files: Parquet in, Parquet out, on one machine or on Spark. No database."""
