"""PDF: pages drawn and put in reading order."""
