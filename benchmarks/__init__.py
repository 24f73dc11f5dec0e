"""Comparisons that the README quotes, each one command.

`main_job` reads, indexes and searches a folder of files; `engine` sets the engine beside others on the same tokens; `scaling`
does so at several sizes and draws the plot; `service` asks the whole service over HTTP.
"""
