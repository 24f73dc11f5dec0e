"""The source of the documents in samples/: their content, and the generator that lays them out."""
