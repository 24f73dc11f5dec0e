"""Reading each file in a process with limits."""
