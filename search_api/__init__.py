"""The searching side: user text and HTTP parameters to search requests, results to JSON or HTML."""
