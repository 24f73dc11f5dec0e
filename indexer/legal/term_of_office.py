"""Who chaired the National Assembly when: its chair certifies every law by a signature (Hiến pháp 2013, điều 72)."""

from datetime import date

from analyzers.tables import rows

CHAIR = "Chủ tịch Quốc hội"
_CHAIRS = tuple(
    (name, date.fromisoformat(since), date.fromisoformat(until) if until else date.max)
    for name, since, until, _ in rows("indexer.legal", "chairs.tsv")
)


def chair_on(day: date) -> str | None:
    """Return who was the chair on `day`; None where nobody is known to have been.

    >>> chair_on(date(2015, 11, 27)), chair_on(date(1946, 3, 2))
    ('Nguyễn Sinh Hùng', None)
    """
    return next((name for name, since, until in _CHAIRS if since <= day < until), None)
