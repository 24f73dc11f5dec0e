"""The pages for people: templates, static files and what the templates are given. No page needs a script."""
