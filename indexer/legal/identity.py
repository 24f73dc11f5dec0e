"""Issuers as identities: which body a printed name means on a day, from whom it took over, and who took over from it.

Ministries, provinces and departments are renamed, merged and split, and one name may mean two bodies at different times;
documents keep the name of their day. Sources: issuers.tsv, places.tsv and successions.tsv, row by row.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice

from analyzers.accents import fold
from analyzers.normalise import nfc, settle_tone
from analyzers.tables import rows
from indexer.legal.naming import IN_EVERY_PLACE, head_length, is_unit, place_head, settle_name
from indexer.legal.wording import syllables

_LONGEST_NAME = 200
_UNIT = re.compile(
    r"(?:^|,? (?:- )?)(?P<kind>tỉnh|thành phố|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu) (?=[A-ZĐÀ-Ỹ\d])(?P<name>[^,]+?)"
    r"(?=,|$| (?:- )?(?:tỉnh|thành phố|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu) [A-ZĐÀ-Ỹ\d])"
)
_BETWEEN = re.compile(r",?\s{1,3}và\s{1,3}|,\s{1,3}", re.IGNORECASE)  # joint issuers in a register
_MOST_LISTED = 16
_WORD = re.compile(r"[^\W_]+")
# How a group's name ends where the name alone means another body
_APART = re.compile(r" \((?:thuộc tỉnh|(?:đến |\d{4}–)(?P<last>[12]\d{3}))\)$")
_PROVINCIAL = ("tỉnh", "thành phố")
# The district level ended with Luật Tổ chức chính quyền địa phương 72/2025/QH15, and its townlets (thị trấn) with it.
_DISTRICTS = ("huyện", "quận", "thị xã", "thị trấn", "thành phố")
_OF_DISTRICT_LEVEL = {"thành phố": "thành phố thuộc tỉnh"}  # in keys: Huế was one before it was a province
_OF_PROVINCE = "thanh-pho-thuoc-tinh-"
_END_OF_DISTRICTS = date(2025, 7, 1)
_COMMITTEE, _COUNCIL, _GOVERNMENT = "uy-ban-nhan-dan", "hoi-dong-nhan-dan", "chinh-phu"
_OFFICE = ("văn", "phòng")
_LOCAL = ("Ủy ban nhân dân", "Hội đồng nhân dân")
_BY_SYMBOL = {"UBND": _LOCAL[0], "UB": _LOCAL[0], "HĐND": _LOCAL[1]}
_OF_COMMITTEES = (("sở",), ("phòng",))  # departments, whose parent is the people's committee of their place


@dataclass(frozen=True, slots=True)
class Identity:
    """A body through all its names. `since` is its first day, `until` the first day after it; None where unknown or open."""

    key: str  # bo-tai-chinh; uy-ban-nhan-dan/tinh-lang-son: a body of a place
    name: str  # the last one that it bore, in normal capitals
    since: date | None
    until: date | None
    parent: str | None  # key of the body above it


@dataclass(frozen=True, slots=True)
class _Name:
    """One row of a table: a name and the days on which it was in use."""

    key: str
    name: str
    since: date | None
    until: date | None
    parent: str | None = None

    def days_from(self, day: date) -> int:
        """Return how many days lie between `day` and the days of this name, 0 where it is one of them."""
        before = (self.since - day).days if self.since and day < self.since else 0
        return before or ((day - self.until).days + 1 if self.until and day >= self.until else 0)


def _day(text: str) -> date | None:
    """Read YYYY, YYYY-MM or YYYY-MM-DD as the first day that it names."""
    return date(*map(int, [*text.split("-"), "1", "1"][:3])) if text else None


_BODIES = tuple(
    _Name(key, name, _day(since), _day(until), parent or None)
    for key, name, _, since, until, parent, _ in rows("indexer.legal", "issuers.tsv")
)
_PLACES = tuple(
    (_Name(key, f"{kind} {name}", _day(since), _day(until)), kind, (name, *others.split("; ")))
    for key, kind, name, others, since, until, _ in rows("indexer.legal", "places.tsv")
)
_SUCCESSIONS = [
    (before, after, day) for before, after, text, _ in rows("indexer.legal", "successions.tsv") if (day := _day(text))
]


def _grouped(pairs: Iterable[tuple[tuple[str, ...] | str, _Name]]) -> dict[tuple[str, ...] | str, list[_Name]]:
    groups: dict[tuple[str, ...] | str, list[_Name]] = defaultdict(list)
    for key, name in pairs:
        groups[key].append(name)
    return dict(groups)


_BY_NAME = _grouped((syllables(body.name), body) for body in _BODIES)
# Registers leave "Việt Nam" out; of others, as Hội Nông dân, there are local ones
_SHORTENED = {syllables(name): f"{name} Việt Nam" for name in ("Ngân hàng Nhà nước", "Tổng Liên đoàn Lao động")}
_BY_KEY = _grouped((name.key, name) for name in (*_BODIES, *(place for place, _, _ in _PLACES)))
_BY_PLACE = _grouped(
    (syllables(f"{kind} {spelling}"), place) for place, kind, spellings in _PLACES for spelling in spellings if spelling
)
_KIND_OF_PLACE = {syllables(spelling): kind for _, kind, spellings in reversed(_PLACES) for spelling in spellings if spelling}
# Their names without accents, of which two are never alike but for the way that one is spelt
_FOLDED_BODIES = {tuple(map(fold, syllables(name))): name for name in (*_LOCAL, *(body.name for body in reversed(_BODIES)))}
_FOLDED_PLACES = {tuple(map(fold, syllables(place.name))): place.name for place, _, _ in _PLACES}
_LONGEST_PLACE = max(map(len, _KIND_OF_PLACE))
_PLACE_KEYS = frozenset(place.key for place, _, _ in _PLACES)


@lru_cache(maxsize=4096)
def identity_of(name: str, day: date | None) -> Identity | None:
    """Return the body that one printed name means on `day`, or last meant where no day is known; None for what names no body.

    A name that was not in use on that day means the body that bore it nearest to it. A commune or district that is named without
    its province is told by its name alone. Of joint issuers each is asked for by itself.

    >>> identity_of("BỘ NỘI VỤ", date(1990, 5, 1)).name, identity_of("UBND TỈNH LẠNG SƠN", None).key
    ('Bộ Công an', 'uy-ban-nhan-dan/tinh-lang-son')
    """
    if len(name) > _LONGEST_NAME:
        return None
    settled = settle_name(name)
    known = [body for body in _BY_NAME.get(syllables(settled), ()) if body.parent != IN_EVERY_PLACE]
    if known:
        return _of_state(_nearest(known, day).key)
    body, units = _parted(settled)
    return _local(body, units, day) if units and head_length(body) else None


def respell(recognised: str) -> str:
    """Return a body's name that was read from a picture, its accents as the tables spell them; one that they don't know as it is.

    >>> respell("Ủy ban nhân dân tĩnh Phú Thọ"), respell("Bộ Công thuơng"), respell("Ban Tỏ chức")
    ('Ủy ban nhân dân tỉnh Phú Thọ', 'Bộ Công Thương', 'Ban Tỏ chức')
    """
    bare = tuple(fold(syllable) for syllable in syllables(recognised[:_LONGEST_NAME]))
    if bare in _FOLDED_BODIES:
        return _FOLDED_BODIES[bare]
    cut = next((cut for cut in range(1, len(bare)) if bare[:cut] in _FOLDED_BODIES and bare[cut:] in _FOLDED_PLACES), 0)
    return f"{_FOLDED_BODIES[bare[:cut]]} {_FOLDED_PLACES[bare[cut:]]}" if cut else recognised


def group_name(printed: str, day: date | None) -> str:
    """Return the name under which the documents of a printed issuer are grouped; a group's name gives itself.

    Joint issuers ("; " between them, or commas and "và" where all are known) are a group of their own; what names no known body
    is one, in one spelling.

    >>> group_name("BỘ NỘI VỤ", date(1990, 5, 1)), group_name("Bộ Nội vụ", date(1960, 5, 1))
    ('Bộ Công an', 'Bộ Nội vụ (1945–1975)')
    >>> group_name("Bộ Giáo dục và Đào tạo, Bộ Y tế và Bộ Tài chính", None)
    'Bộ Giáo dục và Đào tạo; Bộ Y tế; Bộ Tài chính'
    """
    return "; ".join(_group_of_printed(name, day) for name in listed_bodies(printed, day))


def _group_of_printed(name: str, day: date | None) -> str:
    known = None if day is None and _APART.search(name) else registered_body(name, day)
    return group_of(known) if known else _one_spelling(name)


def registered_body(name: str, day: date | None) -> Identity | None:
    """Return the body that one name in a register means on `day`: as `identity_of` does, and by what registers shorten it to."""
    return identity_of(_SHORTENED.get(syllables(name[:_LONGEST_NAME]), name), day)


def listed_bodies(printed: str, day: date | None) -> list[str]:
    """Return the names of joint issuers that are printed as a list: "; " between them, or commas and "và" where all are known.

    >>> listed_bodies("Bộ Giáo dục và Đào tạo, Bộ Y tế và Bộ Tài chính", None)
    ['Bộ Giáo dục và Đào tạo', 'Bộ Y tế', 'Bộ Tài chính']
    """
    parts = [part for part in map(str.strip, nfc(printed).split(";")) if part]
    return [name for part in parts for name in _parts_listed(part, day)]


def _parts_listed(printed: str, day: date | None) -> list[str]:
    """Return the known bodies of which a printed name is a list; it alone where it is none, or an office of two bodies."""
    cuts = [(between.start(), between.end()) for between in islice(_BETWEEN.finditer(printed), _MOST_LISTED)]
    heads = [end for _, end in cuts if head_length(printed[end:])]
    if not heads or syllables(printed[:40])[:2] == _OFFICE:
        return [printed]
    cuts.append((len(printed), len(printed)))
    names, start = [], 0
    while start < len(printed):
        stop = next((head for head in heads if head > start), len(printed))  # what is behind a body's first word is another's
        longest = (cut for cut in reversed(cuts) if start < cut[0] and cut[1] <= stop)
        found = next((cut for cut in longest if registered_body(printed[start : cut[0]], day)), None)
        if found is None:
            return [printed]
        names.append(printed[start : found[0]])
        start = found[1]
    return names


def body_of_place(printed: str, number: str) -> str:
    """Return the body of a place that a register names as the issuer, by the document's number; any other issuer as it is.

    >>> body_of_place("Tỉnh Nghệ An", "3851/QĐ-UBND"), body_of_place("Bộ Y tế", "12/TB-UBND")
    ('Ủy ban nhân dân tỉnh Nghệ An', 'Bộ Y tế')
    """
    body = _BY_SYMBOL.get(re.split(r"[/-]", number)[-1].strip().upper())
    return f"{body} {printed[:1].lower()}{printed[1:]}" if body and place_head(printed) else printed


def group_of(identity: Identity) -> str:
    """Return the name that a body's documents are grouped under, whatever it was called on their day.

    It is its last name, with what tells it apart where that name without a day means another body.
    """
    meant = identity_of(identity.name, None)
    apart = ""
    if _OF_PROVINCE in identity.key.split("/")[-1] and meant and meant.key != identity.key:
        apart = " (thuộc tỉnh)"
    elif identity.until and meant and meant.key != identity.key:
        last = (identity.until - timedelta(days=1)).year
        apart = f" ({identity.since.year}–{last})" if identity.since else f" (đến {last})"
    return _one_spelling(identity.name) + apart


def body_of_group(group: str) -> Identity | None:
    """Return the body whose documents are grouped under a name; None where several are, or a city of the district level is."""
    apart = _APART.search(group)
    if apart and not apart["last"]:
        return None
    named, day = (group[: apart.start()], date(int(apart["last"]), 1, 1)) if apart else (group, None)
    found = identity_of(named, day)
    return found if found and group_of(found) == group else None


def _one_spelling(name: str) -> str:
    """Return a name with one school's tone placement, so that Uỷ ban and Ủy ban are one group."""
    return " ".join(settle_tone(word) for word in name.split())


def successors(identity: Identity) -> tuple[Identity, ...]:
    """Return the bodies that took over from `identity`, wholly or in part; () for a commune or district."""
    return tuple(after for after, day in _neighbours(identity, _AFTER) if identity.until is None or day <= identity.until)


def predecessors(identity: Identity) -> tuple[Identity, ...]:
    """Return the bodies from which `identity` took over, wholly or in part; () for a commune or district."""
    return tuple(
        before
        for before, day in _neighbours(identity, _BEFORE)
        if (identity.until is None or day < identity.until) and (before.until is None or day <= before.until)
    )


def _linked(pairs: Iterable[tuple[str, str, date]]) -> dict[str, list[tuple[str, date]]]:
    links: dict[str, list[tuple[str, date]]] = defaultdict(list)
    for one, other, day in pairs:
        links[one].append((other, day))
    return dict(links)


_AFTER = _linked(_SUCCESSIONS)
_BEFORE = _linked((after, before, day) for before, after, day in _SUCCESSIONS)


def _neighbours(identity: Identity, links: dict[str, list[tuple[str, date]]]) -> Iterator[tuple[Identity, date]]:
    """Yield the bodies next to one; of a province's, the same body of the places next to it, and those next to the body in it."""
    body, _, place = identity.key.partition("/")
    if not place:
        yield from ((_of_state(key), day) for key, day in links.get(body, ()))
    elif place in _PLACE_KEYS and (body in (_COMMITTEE, _COUNCIL) or body in _BY_KEY):  # of others nothing is known
        title = identity.name.removesuffix(f" {_BY_KEY[place][-1].name}")
        yield from ((_of_province(body, key, title), day) for key, day in links.get(place, ()))
        yield from ((_of_province(key, place, _BY_KEY[key][-1].name), day) for key, day in links.get(body, ()))


def _nearest(names: Sequence[_Name], day: date | None) -> _Name:
    """Return the name in use on `day`, else the one in use nearest to it; the last one where no day is known."""
    if day is None:
        return max(names, key=lambda name: (name.until is None, name.until or date.max))
    return min(names, key=lambda name: name.days_from(day))


def _parted(settled: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Part a name in normal capitals into the body and the units of administration that it names, the smallest first."""
    found = list(_UNIT.finditer(settled))
    if found:
        return settled[: found[0].start()].strip(" ,-"), tuple((unit["kind"], unit["name"].strip(" -")) for unit in found)
    words = syllables(settled)
    for count in range(min(_LONGEST_PLACE, len(words) - 1), 0, -1):  # Sở Xây dựng Hà Nội
        kind = _KIND_OF_PLACE.get(words[-count:])
        if kind:
            at = [word.start() for word in _WORD.finditer(settled)][-count]
            body = settled[:at].strip(" ,-")
            whole = is_unit(body) or _slug(body) in (_COMMITTEE, _COUNCIL)
            return (body, ((kind, settled[at:].strip(" ,-")),)) if whole else ("", ())
    return "", ()


def _slug(text: str) -> str:
    return "-".join(syllables(fold(text)))


def _local(body: str, units: Sequence[tuple[str, str]], day: date | None) -> Identity:
    """Return the body of a place; a city that was none under the central government on `day` is one of the district level."""
    kind, name = units[-1]
    places = _BY_PLACE.get(syllables(f"{kind} {name}"), []) if kind in _PROVINCIAL else []
    if kind == "thành phố":
        places = [place for place in places if day is None or not place.days_from(day)]
    if places and len(units) == 1:
        return _of_province(_slug(body), _nearest(places, day).key, body)
    province = [_nearest(places, day).key] if places else []
    below = units[:-1] if places else units
    lower = [_slug(f"{_OF_DISTRICT_LEVEL.get(kind, kind)} {name}") for kind, name in reversed(below)]
    ended = any(kind in _DISTRICTS for kind, _ in below)
    return Identity(
        "/".join([_slug(body), *province, *lower]),
        f"{body} {', '.join(f'{kind} {name}' for kind, name in units)}",
        None,
        _END_OF_DISTRICTS if ended else None,
        _committee_above(body, [*province, *lower]),
    )


def _committee_above(body: str, place: Sequence[str]) -> str | None:
    """Return the key of the people's committee over a place's body, a committee's being that of the next larger place."""
    if syllables(body)[:1] in _OF_COMMITTEES:
        return "/".join([_COMMITTEE, *place])
    return "/".join([_COMMITTEE, *place[:-1]]) if _slug(body) == _COMMITTEE and len(place) > 1 else None


def _of_state(key: str) -> Identity:
    """Return the identity of a row of issuers.tsv."""
    names = _BY_KEY[key]
    last = _nearest(names, None)
    return Identity(key, last.name, _first(names), _last(names), last.parent)


def _of_province(body: str, place: str, title: str) -> Identity:
    """Return the body of a province, which lives while both the province and such a body do; `title` is the body's name."""
    names, of = _BY_KEY.get(body, []), _BY_KEY[place]
    since = max((day for day in (_first(names), _first(of)) if day), default=None)
    until = min((day for day in (_last(names), _last(of)) if day), default=None)
    parent = _GOVERNMENT if body == _COMMITTEE else _committee_above(title, [place])
    return Identity(f"{body}/{place}", f"{title} {of[-1].name}", since, until, parent)


def _first(names: Sequence[_Name]) -> date | None:
    return None if any(name.since is None for name in names) else min((name.since for name in names if name.since), default=None)


def _last(names: Sequence[_Name]) -> date | None:
    return None if any(name.until is None for name in names) else max((name.until for name in names if name.until), default=None)
