"""Scanned pages: print recognised by tesseract, what a pen wrote, stamps."""
