"""What the reader's words mean: from a line of text to query nodes, the steps taken, and what to mark in the texts found.

Any text is understood; what cannot be an operator is a word. `lexing.py` and `grammar.py` say what operators are.
"""

from collections.abc import Sequence
from datetime import date

from analyzers.accents import has_accents
from analyzers.citations import find_no_days, read_bare_number, read_number
from indexer.engine.fields import Scope
from indexer.engine.query import Layer, Node, Or
from search_api.abbreviations import Abbreviations, built_in, is_acronym
from search_api.accents import Restored
from search_api.asked_fields import Field
from search_api.besides import read_besides
from search_api.bodies import NO_BODIES, Bodies
from search_api.combine import all_of, conclude, side_of
from search_api.grammar import AllOf, AnyOf, Group, Parsed, Side, Tree, leaves, parse, shown
from search_api.hints import Hint, find_hints
from search_api.lexing import NUMBER_SIGN, Kind, Piece, Sign, readable
from search_api.meaning import AS_USUAL, Mark, Relaxed, Step, Understanding
from search_api.restrictions import read_fields
from search_api.spelling import Mended
from search_api.typed_numbers import find_typed_numbers, read_typed_number, type_before_number, without_days
from search_api.units import Reading, favour_number, read_figures, read_phrase, read_required, read_sought_number, read_words
from search_api.word_patterns import bounded, read_pattern, read_word_pattern
from search_api.wording import terms_of, without_quotations

__all__ = ["Understanding", "understand"]


def understand(
    q: str,
    mended: Sequence[Mended] = (),
    abbreviations: Abbreviations | None = None,
    today: date | None = None,
    restored: Sequence[Restored] = (),
    relaxed: Relaxed = AS_USUAL,
    scope: Scope = Scope.DOCUMENTS,
    bodies: Bodies = NO_BODIES,
) -> Understanding:
    """Read a question as it is meant on a day. Never fails; an empty one means to browse.

    Some of its words were `mended` or had their accents `restored`.

    `abbreviations` are those that come with the program where none are given; `relaxed` holds for plain words alone;
    `scope` is what is looked for; `bodies` are those of the collection.
    """
    text = readable(q)
    unclosed = text.count('"') % 2 == 1
    if unclosed:
        text = " ".join(text.rsplit('"', 1))
    parsed = parse(*_take_numbers(text), bodies)
    spelt = {one.term: one for one in restored}
    reading = Reading(_layer(parsed.tree), abbreviations or built_in(), restored=spelt, relaxed=relaxed, scope=scope)
    subject = read_besides(text, today, reading) if _is_plain(parsed.tree) else text
    said_more = subject != text
    text, numbers = _take_numbers(subject)
    if said_more:
        parsed = parse(text, numbers, bodies)
    if mended:
        meant = "; ".join(f"“{one.meant}” thay cho “{one.typed}”" for one in mended)
        told = f"Đã tìm {meant}, vì rất ít hoặc không văn bản nào có. Đặt trong ngoặc kép để tìm đúng như đã gõ."
        reading.steps.append(Step("spelling", told, tuple(word for one in mended for word in one)))
    if told_accents := _told(restored):
        reading.steps.append(told_accents)
    if unclosed:
        told = "Dấu ngoặc kép cuối cùng không có dấu đóng nên bị bỏ qua: gõ “cụm từ” để tìm đúng cụm từ."
        reading.steps.append(Step("unclosed_quote", told))
    if relaxed.spelt_otherwise:
        reading.marks.append(Mark(terms_of(text, Layer.FOLDED), Layer.FOLDED))
    _tell_refusals(text, parsed, reading)
    beside = _beside_fields(text, parsed.tree)
    reading.hints = find_hints(reading.abbreviations.written_out(beside, reading.layer), more=said_more)
    reading.number_types = _types_of_numbers(beside)
    if isinstance(parsed.tree, AnyOf):  # the type that it begins with is that of one of several
        reading.hints = tuple(hint for hint in reading.hints if hint.column != "type")
    if typed := read_typed_number(beside):
        reading.hints = (Hint("type", typed.type, without_days(beside).strip()),)
        read_figures(typed.number, reading)
    elif bare := read_bare_number(without_days(beside)):
        read_figures(bare, reading)
    else:
        years = {str(hint.value) for hint in reading.hints if hint.column == "year"}
        for perhaps in find_typed_numbers(without_quotations(beside), years) if _is_plain(parsed.tree) else ():
            favour_number(perhaps, reading)
    if isinstance(parsed.tree, Side):
        _read_side(parsed.tree, reading)
        return conclude(reading)
    return conclude(reading, _read_tree(parsed.tree, reading))


def _told(restored: Sequence[Restored]) -> Step | None:
    """Tell how words without accents are understood, those that stand side by side together; None where all are as typed."""
    runs: list[list[Restored]] = []
    for one in restored:
        if one.apart or not runs:
            runs.append([])
        runs[-1].append(one)
    shown = dict.fromkeys((" ".join(one.typed for one in run), " ".join(one.meant for one in run)) for run in runs)
    meant = [f"“{typed}” được hiểu là “{meant}”" for typed, meant in shown if typed.lower() != meant]
    open_ones = dict.fromkeys(one._replace(apart=True) for one in restored if not one.sure and one.others)
    if not meant and not open_ones:
        return None
    how = "thiếu hoặc sai dấu" if any(has_accents(one.typed) for one in restored) else "không dấu"
    told = f"Từ gõ {how}: {', '.join(meant)}; các cách bỏ dấu khác xếp sau." if meant else ""
    told += "".join(f" “{one.typed}” có thể là {', '.join((one.meant, *one.others))}: tìm tất cả." for one in open_ones)
    return Step("accents", told.strip(), tuple(word for one in restored for word in (one.typed, one.meant)))


def _take_numbers(text: str) -> tuple[str, tuple[str, ...]]:
    """Replace each document number by a sign, so that its hyphens and spaces are no operators."""
    kept, rest = "", text
    numbers: list[str] = []
    while (found := read_number(rest)) is not None:
        kept += rest[: found.start] + NUMBER_SIGN
        rest = rest[found.end :]
        numbers.append(found.value)
    return kept + rest, tuple(numbers)


def _types_of_numbers(text: str) -> tuple[str, ...]:
    """Return the types that stand right before numbers: a number's figures may be those of several documents."""
    places = (place for place, sign in enumerate(text) if sign == NUMBER_SIGN)
    return tuple(filter(None, (type_before_number(text, place) for place in places)))


def _layer(tree: Tree) -> Layer:
    """Return the layer that a question's words are sought in: not its operators, nor the names of types, bodies and persons."""
    words = [str(piece.asked.value) if piece.asked else piece.text for piece in leaves(tree) if _is_of_texts(piece)]
    return Layer.MAIN if has_accents(" ".join(words)) or (words and all(map(is_acronym, words))) else Layer.FOLDED


def _is_plain(tree: Tree) -> bool:
    """Say whether a question has no operators, brackets and fields: only then are words read that are beside its subject."""
    return isinstance(tree, Side) and all(isinstance(item, Piece) and not item.asked for item in tree.items)


def _is_of_texts(piece: Piece) -> bool:
    return piece.asked is None or piece.asked.field is Field.TITLE


def _beside_fields(text: str, tree: Tree) -> str:
    """Return the question without the fields in it."""
    kept, end = [], 0
    for piece in leaves(tree):
        if piece.asked:
            kept.append(text[end : piece.start])
            end = piece.end
    return " ".join([*kept, text[end:]])


def _tell_refusals(text: str, parsed: Parsed, reading: Reading) -> None:
    if parsed.refused:
        told = f"Không hiểu được các toán tử VÀ, HOẶC, KHÔNG, dấu | hoặc ngoặc đơn, vì {parsed.refused}: tìm như các từ thường."
        reading.steps.append(Step("operators_as_words", told))
    for name in dict.fromkeys(parsed.no_values):
        told = f"Không nhận ra giá trị đứng sau “{name}”: tìm như các từ thường. Đặt giá trị nhiều từ trong ngoặc kép."
        reading.steps.append(Step("field_as_words", told, (name,)))
    for typed in dict.fromkeys(find_no_days(text)):
        told = f"“{typed}” là ngày không có trong lịch: tìm như chữ số thường."
        reading.steps.append(Step("no_day", told, (typed,)))
    if parsed.stressed:
        told = "“KHÔNG” ở đây là một từ của câu hỏi. Để bỏ văn bản có một từ, đặt dấu - ngay trước từ đó."
        reading.steps.append(Step("not_as_word", told))


def _read_side(side: Side, reading: Reading) -> None:
    """Read what stands side by side: fields first, for words on both sides of one belong together."""
    read_fields([item for item in side.items if isinstance(item, Piece)], reading)
    plain: list[str] = []
    for item in side.items:
        if isinstance(item, Piece) and item.kind is Kind.FIELD:
            continue
        word = bounded(item.text, reading) if isinstance(item, Piece) and item.kind is Kind.WORD else None
        if word is not None and isinstance(item, Piece) and not item.sign and read_pattern(word) is None:
            plain.append(word)
            continue
        read_words(" ".join(plain), reading)
        plain.clear()
        if isinstance(item, Group):
            _read_group(item, reading)
        elif word is None:
            _read_whole(item, reading)
        else:
            _read_signed(word, item.sign, reading)
    read_words(" ".join(plain), reading)


def _read_whole(piece: Piece, reading: Reading) -> None:
    if piece.kind is Kind.NUMBER:
        read_sought_number(piece.spelt(), piece.sign, reading)
    else:
        read_phrase(piece.spelt(), piece.sign, reading)


def _read_signed(word: str, sign: Sign, reading: Reading) -> None:
    if pattern := read_pattern(word):
        read_word_pattern(pattern, sign, reading)
    elif sign is Sign.MUST:
        read_required(word, reading)
    else:
        read_phrase(word, sign, reading)


def _read_group(group: Group, reading: Reading) -> None:
    """Read what stands in brackets: it must be there, or must not."""
    excluded = group.sign is Sign.WITHOUT
    node = _read_tree(group.inner, reading.aside() if excluded else reading)
    if node is None:
        return
    if excluded:
        reading.excluded.append(node)
        reading.steps.append(Step("exclude", f"Bỏ văn bản khớp “{shown(group.inner)}”."))
    else:
        reading.bound.append(node)


def _read_tree(tree: Tree, reading: Reading) -> Node | None:
    """Return what a tree asks for; None for nothing. What is told and marked of it joins `reading`."""
    if isinstance(tree, Side):
        part = reading.part()
        _read_side(tree, part)
        reading.sequence += [*part.sequence, ""]
        return side_of(part)
    sides = "; ".join(f"“{shown(part)}”" for part in tree.parts)
    if isinstance(tree, AllOf):
        reading.steps.append(Step("all_of", f"Phải khớp tất cả: {sides}."))
    else:
        reading.steps.append(Step("any_of", f"Chỉ cần khớp một trong: {sides}."))
    nodes = [node for part in tree.parts if (node := _read_tree(part, reading))]
    if isinstance(tree, AllOf) or not nodes:
        return all_of(nodes) if nodes else None
    return Or(tuple(nodes))
