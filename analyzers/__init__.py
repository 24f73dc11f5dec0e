"""Vietnamese text analysis: pure functions from text to tokens; no documents, no HTTP, no engine."""
