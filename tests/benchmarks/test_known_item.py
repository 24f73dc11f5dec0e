"""Known items: questions that one document fits, the same for one seed."""

import random

import pytest

from analyzers.accents import has_accents
from analyzers.citations import number_key
from benchmarks.known_queries import KINDS, Inventory, Known, make_questions

SUBJECTS = ["quản lý đất đai", "bảo hiểm xã hội bắt buộc", "ủy ban nhân dân cấp xã", "giao thông vận tải đường bộ", "khen thưởng"]
PLACES = ["miền núi phía bắc", "vùng ven biển", "khu vực đô thị", "địa bàn nông thôn", "hải đảo xa bờ"]


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    """Two hundred documents whose titles share most of their words."""
    chance, types = random.Random(5), [("Nghị định", "NĐ-CP"), ("Thông tư", "TT-BTC"), ("Quyết định", "QĐ-TTg")]
    made = []
    for place in range(200):
        (name, symbol), year = chance.choice(types), chance.randint(2010, 2024)
        about, where = chance.choice(SUBJECTS), chance.choice(PLACES)
        title = f"Quy định về {about} trong {where} giai đoạn thứ {chance.choice('abcdefgh')} lần {place % 7}"
        made.append(Known(str(place), f"{chance.randint(1, 60)}/{year}/{symbol}", name, year, title))
    return Inventory(made)


def test_each_question_has_its_document(inventory: Inventory) -> None:
    """Of every kind there are some, each with the documents that it means: one, or copies of one."""
    questions = make_questions(inventory, 160, 1)
    assert {question.kind for question in questions} == set(KINDS)
    by_id = {known.id: known for known in inventory.documents}
    for question in questions:
        found = [by_id[one] for one in question.relevant]
        assert len({(number_key(known.number), known.title) for known in found}) == 1
        if question.kind == "number_full":
            assert question.text == found[0].number
        if question.kind == "title_unaccented":
            assert not has_accents(question.text)
        if question.kind == "type_subject_year":
            assert str(found[0].year) in question.text


def test_the_same_seed_asks_the_same(inventory: Inventory) -> None:
    """Another seed asks something else; no question comes twice in a kind."""
    first, again, other = (make_questions(inventory, 80, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len({(question.kind, question.text) for question in first}) == len(first)
