"""What the reader sees: Results → parts → html, Word, Excel and figures."""
