"""GET /api/v1/documents/{id} and its file."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zipped import Record, written, zip_of

from indexer.catalogue import Declaration, FoundFile
from indexer.extract.sniff import Format
from search_api import originals


def test_a_document_is_given_whole(desk):
    """Metadata as stored, the canonical text, and articles whose offsets point into it."""
    answer = desk.client.simulate_get(f"/api/v1/documents/{desk.ids['land plan']}").json
    assert (answer["number"], answer["signer"], answer["status"]) == ("12/2022/QĐ-UBND", "Nguyễn Văn An", "Còn hiệu lực")
    assert [item["label"] for item in answer["provisions"]] == ["Điều 1", "Điều 2", "Điều 3"]
    assert all(answer["text"][item["start"] :].startswith(item["label"]) for item in answer["provisions"])


def test_an_unknown_validity_is_said_to_be_unknown(desk):
    """Nothing is guessed about a document whose source states no status."""
    assert desk.client.simulate_get(f"/api/v1/documents/{desk.ids['no metadata']}").json["status"] == "không rõ"


@pytest.mark.parametrize("path", ["/api/v1/documents/{}", "/api/v1/documents/{}/file", "/van-ban/{}"])
def test_hidden_documents_answer_like_missing_ones(desk, path):
    """The public cannot tell an internal document from one that never was."""
    hidden, missing = (desk.client.simulate_get(path.format(name)) for name in (desk.ids["internal"], "khong-co"))
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text == missing.text


@pytest.mark.parametrize(
    ("name", "content_type", "file"),
    [
        ("land plan", "text/plain", "12-2022-QĐ-UBND.txt"),
        ("land prices", "application/pdf", "30-2020-NQ-HĐND.pdf"),
        ("health support", "text/html", "1182-QĐ-UBND.html"),
        ("road safety letter", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "3637-UBND-KT.docx"),
    ],
)
def test_the_original_is_a_download(desk, name, content_type, file):
    """Byte for byte, named after its number, and nothing that a browser would run."""
    answer = desk.client.simulate_get(f"/api/v1/documents/{desk.ids[name]}/file")
    original = desk.catalogue.original(desk.catalogue.get(desk.ids[name]).key)
    assert hashlib.sha256(answer.content).hexdigest() == original.sha256
    assert answer.headers["content-type"] == content_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment")
    assert unquote(re.split(r"filename=|filename\*=UTF-8''", disposition)[-1]).strip('"') == file


def _replaced(path, kind):
    content = path.read_bytes()
    if kind == "altered":
        path.write_bytes(content[:-1] + b"?")
    elif kind == "longer":
        path.write_bytes(content + b"?")
    else:
        path.unlink()
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()


@pytest.mark.parametrize("kind", ["altered", "longer", "gone", "pipe", "folder"])
def test_an_original_that_is_not_what_was_indexed_is_refused(make_desk, kind):
    """A 404 problem says that the original is not available; nothing of the new content goes out."""
    desk = make_desk()
    _replaced(desk.files / "quy-hoach.txt", kind)
    answer = desk.client.simulate_get(f"/api/v1/documents/{desk.ids['land plan']}/file")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["type"].endswith("no-original")
    assert "content-disposition" not in answer.headers


def _packed(desk: Any, name: str, inner: bool = False) -> Path:
    """Put a document's file into an archive, as its member `a/1.txt` or deeper; returns the archive."""
    path, archive = desk.files / "quy-hoach.txt", desk.files / "gói.zip"
    member = "a/1.txt"
    data = zip_of({member: path.read_bytes(), "2.txt": "khác"})
    if inner:
        data, member = zip_of({"trong.zip": data}), f"trong.zip/{member}"
    archive.write_bytes(data)
    with desk.catalogue.transaction() as change:
        line = change.line(path)
        change.attach(FoundFile(archive / member, line.size, 0, line.sha256), Declaration(desk.files), line.document_key)
        change.forget(line, "đã chuyển")
    path.unlink()
    return archive


@pytest.mark.parametrize("inner", [False, True])
def test_the_original_in_an_archive_is_a_download(make_desk, inner):
    """Byte for byte, as a file of its own; HEAD and revalidation too, and it is hashed once."""
    desk = make_desk()
    content = (desk.files / "quy-hoach.txt").read_bytes()
    _packed(desk, "land plan", inner)
    path = f"/api/v1/documents/{desk.ids['land plan']}/file"
    for _ in range(2):
        answer = desk.client.simulate_get(path)
        assert answer.content == content
        assert (answer.headers["content-type"], answer.headers["content-length"]) == ("text/plain", str(len(content)))
        assert "12-2022" in answer.headers["content-disposition"]
    head = desk.client.simulate_head(path)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(content)))
    assert desk.client.simulate_get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("kind", ["altered", "longer", "gone", "damaged", "no archive", "pipe", "folder"])
def test_an_original_in_an_altered_archive_is_refused(make_desk, kind):
    """Nothing goes out but the bytes that were indexed; a lying size costs no more than the true one."""
    desk = make_desk()
    content = (desk.files / "quy-hoach.txt").read_bytes()
    archive = _packed(desk, "land plan")
    path = f"/api/v1/documents/{desk.ids['land plan']}/file"
    assert desk.client.simulate_get(path).status_code == 200
    if kind == "altered":
        archive.write_bytes(zip_of({"a/1.txt": content[:-1] + b"?"}))
    elif kind == "longer":
        archive.write_bytes(written([Record(b"a/1.txt", content + bytes(50 << 20), size=len(content))]))
    elif kind == "gone":
        archive.write_bytes(zip_of({"1.txt": content}))
    elif kind == "damaged":
        archive.write_bytes(archive.read_bytes()[:-30])
    elif kind == "no archive":
        archive.write_bytes(content)
    else:
        archive.unlink()
        os.mkfifo(archive) if kind == "pipe" else archive.mkdir()
    answer = desk.client.simulate_get(path)
    assert answer.status_code == 404
    assert answer.json["type"].endswith("no-original")


def test_head_and_revalidation_of_a_file(desk):
    """HEAD gives the length without the content; a reader who has the file gets 304."""
    path = f"/api/v1/documents/{desk.ids['land plan']}/file"
    got, head = desk.client.simulate_get(path), desk.client.simulate_head(path)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(got.content)))
    again = desk.client.simulate_get(path, headers={"If-None-Match": got.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("kind", Format)
def test_every_format_has_its_media_type_and_extension(kind):
    """A file of any format that is read opens in the reader's own program."""
    assert originals.content_type(kind.value) != "application/octet-stream"
    assert kind.value in originals._EXTENSIONS


def test_a_file_is_hashed_once(make_desk, monkeypatch):
    """Further requests and HEAD read it no more, revalidation does not even open it; a changed file is hashed anew."""
    desk, hashed = make_desk(), []
    hashing = originals._sha256
    monkeypatch.setattr(originals, "_sha256", lambda stream: (hashed.append(stream.name), hashing(stream))[1])
    path, file = f"/api/v1/documents/{desk.ids['land plan']}/file", desk.files / "quy-hoach.txt"
    first = desk.client.simulate_get(path)
    again = desk.client.simulate_get(path)
    desk.client.simulate_head(path)
    assert (len(hashed), again.content) == (1, first.content)
    os.utime(file, (1, 1))
    assert desk.client.simulate_get(path).status_code == 200
    assert len(hashed) == 2
    content = file.read_bytes()
    file.write_bytes(content[:-1] + b"?")
    refused = desk.client.simulate_get(path)
    assert (refused.status_code, "etag" in refused.headers) == (404, False)
    file.unlink()
    held = desk.client.simulate_get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (held.status_code, len(hashed)) == (304, 3)


def test_only_so_many_files_are_remembered(desk, monkeypatch):
    """Memory stays bounded however many files are asked for; one that was forgotten is hashed again."""
    monkeypatch.setattr(originals, "_REMEMBERED", 2)
    files = originals.Originals()
    kept = [
        desk.catalogue.original(desk.catalogue.get(desk.ids[name]).key) for name in ("land plan", "land prices", "health support")
    ]
    for original in (*kept, kept[0]):
        with files.open(original) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == original.sha256
        assert len(files._verified) <= 2


@given(st.text(min_size=1, max_size=30).filter(lambda text: "/" not in text and text.isprintable()))
def test_any_id_is_answered(desk, document_id):
    """Whatever stands for an id, the answer is 404, never an error of the server."""
    answer = desk.client.simulate_get(f"/api/v1/documents/{document_id.replace('?', '').replace('%', '') or 'x'}")
    assert answer.status_code == 404
