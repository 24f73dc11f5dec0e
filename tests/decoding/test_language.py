"""The rule of Vietnamese spelling that the choice of a legacy table rests on."""

import unicodedata

import pytest

from indexer.decoding.language import is_syllable

_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_IN_USE = """quyết định ủy uỷ ban nhân dân hòa hoà thủy thuỷ nghị quyền giếng gì gìn khuya khuỷu ngoằn ngoèo được ươm rượu yêu yết
quốc quỳnh quỹ quý quậy quýt xoong huỳnh ngoạm hoặc tiếng giường lý lí kỹ ngoéo thuở huơ loanh ủa ỉa Đắc ĐẤT"""
_NOT_SYLLABLES = "QuyÕt ®Þnh ñònh Quyeát nhaân cña được. qđ ubnd hoạk kể1 cế ngệ gêm bãt đ café tờâ oô"


@pytest.mark.parametrize("word", _IN_USE.split())
def test_spellings_in_use_are_syllables(word):
    """Syllables of real texts pass, in both schools of writing the tone and in capitals."""
    assert is_syllable(word)


@pytest.mark.parametrize("word", _NOT_SYLLABLES.split())
def test_other_tokens_are_not(word):
    """Legacy bytes, abbreviations, foreign words and impossible spellings fail."""
    assert not is_syllable(word)


def test_stop_rhymes_take_two_tones():
    """Of the six tones, a syllable that ends in a stop takes the acute and the dot below, or is written without one in a name."""
    valid = [tone for tone in _TONES if is_syllable(unicodedata.normalize("NFC", f"ca{tone}t"))]
    assert valid == ["", "\u0301", "\u0323"]


def test_an_open_syllable_takes_all_tones():
    """Every tone can stand on ma."""
    assert all(is_syllable(unicodedata.normalize("NFC", f"ma{tone}")) for tone in _TONES)
