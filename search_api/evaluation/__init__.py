"""Measuring answers: questions with judgements, asked of an index made of their corpus."""
