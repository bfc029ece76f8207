"""The study in other people's forms: ADaM, SDTM, Parquet and CSV, with what each column means."""
