"""What importing the API must not bring with it."""

import subprocess
import sys


def test_the_api_loads_neither_pdf_reader_nor_word_model():
    """A server process stays small: extraction and word segmentation are the indexer's."""
    program = "import sys, search_api.app, search_api.cli; print([m for m in ('pdfminer', 'underthesea') if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.stdout.strip(), ended.returncode) == ("[]", 0), ended.stderr
