"""The search engines behind one port: what is asked, what is answered, and who answers it."""
