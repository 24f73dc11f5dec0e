"""Excel workbooks (XLS, XLSX) as text."""
