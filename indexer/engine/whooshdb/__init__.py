"""The embedded engine on a Whoosh index; the only place that imports whoosh."""
