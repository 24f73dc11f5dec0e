"""Of documents with one number the one that a question tells apart comes first, else the newest."""

import pytest
from engine.building import entry, fill

from analyzers.citations import number_keys
from indexer.engine.memory import MemoryStore
from indexer.engine.port import SearchEngine
from search_api.params import SearchParams
from search_api.search import find

PHU_THO, LAO_CAI = "Ủy ban nhân dân tỉnh Phú Thọ", "Ủy ban nhân dân tỉnh Lào Cai"
DOCUMENTS = {
    1: ("46/QĐ-UBND", 20230407, LAO_CAI, "phê duyệt đề án trồng quế"),
    2: ("46/QĐ-UBND", 20240306, PHU_THO, "giao đất cho hợp tác xã"),
    3: ("1182/QĐ-UBND", 20250101, LAO_CAI, "bãi bỏ Quyết định số 46/QĐ-UBND ngày 07/4/2023 về trồng quế"),
    4: ("15/NQ", 20100101, "Chính phủ", "nghị quyết cũ"),
    5: ("15/NQ-CP", 20220101, "Chính phủ", "nghị quyết mới"),
    6: ("30/2020/QĐ-UBND", 20200303, LAO_CAI, "công tác văn thư, lưu trữ"),
    7: ("30/2021/QĐ-UBND", 20210303, PHU_THO, "giá đất của thành phố"),
    8: ("31/2021/QĐ-UBND", 20210304, PHU_THO, "sửa đổi Quyết định 30/2020/QĐ-UBND về công tác văn thư, lưu trữ"),
    9: ("30/2020/NQ-HĐND", 20201203, PHU_THO, "sửa đổi mức chi"),
}


@pytest.fixture(scope="module")
def engine() -> SearchEngine:
    """Documents of which some share a number."""
    store = MemoryStore()
    fill(
        store,
        *(
            entry(
                key,
                title=title,
                body=f"{kind} {number} {issuer} {title}",
                issuer=issuer,
                issued_date=day,
                year=day // 10_000,
                type=kind,
                number=number_keys(number, day // 10_000),
            )
            for key, (number, day, issuer, title) in DOCUMENTS.items()
            for kind in ["Nghị quyết" if "NQ" in number else "Quyết định"]
        ),
    )
    return store.engine()


@pytest.mark.parametrize(
    ("question", "first", "why"),
    [
        ("46/QĐ-UBND", 2, "the newest of both"),
        ("Quyết định số 46/QĐ-UBND", 2, "type and sign tell nothing more"),
        ("46/QĐ-UBND ngày 7/4/2023", 1, "the day"),
        ("Quyết định số 46/QĐ-UBND ngày 07 tháng 4 năm 2023 của UBND tỉnh Lào Cai", 1, "day and body, as a citation has them"),
        ("46/QĐ-UBND năm 2023", 1, "the year"),
        ("46/QĐ-UBND trồng quế", 1, "its subject"),
        ("quyết định 46 ngày 7/4/2023", 1, "figures alone, with a day"),
        ("quyết định 46", 2, "the newest whose number begins so"),
        ("46/QĐ", 2, "cut off: the newest that goes on"),
        ("15/NQ", 4, "exactly this number before one that goes on"),
        ("quyết định 30 văn thư", 6, "figures among words: the subject tells which, and what only cites it comes behind"),
        ("giá đất quyết định số 30", 7, "the figures last"),
        ("sửa đổi quyết định 30/2020", 6, "the type right before a number that several types have"),
        ("sửa đổi nghị quyết 30/2020", 9, "another type"),
        ("nghị quyết ngày 03/12/2020", 9, "what was issued on the day, though its text does not say it"),
    ],
)
def test_a_number_finds_the_document_that_is_meant(engine, question, first, why):
    """Day, body, year and subject decide before age."""
    _, result = find(engine, SearchParams(q=question, prior=False))
    assert result.hits[0].key == first, why
