"""The `congbao` command as an operator or a program uses it, over the samples."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from zipped import zip_of

from analyzers.accents import fold
from indexer.datafolder import DataFolder
from indexer.errors import BadConfiguration
from indexer.inspection import already_told

CONGBAO = str(Path(sys.executable).with_name("congbao"))
UNREADABLE, MARKED = 2, 1  # among the samples


def congbao(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in `cwd`, where it finds its settings and keeps its data."""
    return subprocess.run(
        [CONGBAO, *map(str, arguments)], cwd=cwd, env=os.environ | (env or {}), capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """A working directory whose data folder holds the samples."""
    place = tmp_path_factory.mktemp("desk")
    done = congbao("index", samples, "--publishable", "--source", "samples", "--json", cwd=place)
    assert done.returncode == 1, done.stderr  # two samples are unreadable on purpose
    counts = json.loads(done.stdout)["counts"]
    assert (counts["failed"], counts["quarantined"]) == (UNREADABLE, MARKED)
    assert sum(counts.values()) == len(list(samples.iterdir()))
    return place


def test_the_second_run_changes_nothing(desk: Path, samples: Path) -> None:
    """Nothing is read again; the failures are still counted and told by the exit code."""
    done = congbao("index", samples, "--json", cwd=desk)
    counts = json.loads(done.stdout)["counts"]
    assert (done.returncode, counts["unchanged"]) == (1, len(list(samples.iterdir())) - UNREADABLE - MARKED)


def test_failures_names_stage_and_reason(desk: Path) -> None:
    """Each file without a document has its stage, code and reason, for people and for programs."""
    lines = json.loads(congbao("failures", "--json", cwd=desk).stdout)
    assert len(lines) == UNREADABLE + MARKED
    assert all(line["stage"] and line["code"] and line["reason"] for line in lines)
    assert all(line["path"] in congbao("failures", cwd=desk).stdout for line in lines)


@pytest.mark.parametrize("query", ["quy hoạch sử dụng đất", "quy hoach su dung dat"])
def test_highlights_point_at_matching_words(desk: Path, query: str) -> None:
    """With and without accents there are hits, and each highlight is a word of the question in the canonical text."""
    answer = json.loads(congbao("search", query, "--json", cwd=desk).stdout)
    assert answer["hits"]
    asked = set(fold(query).split())
    seen = 0
    for hit in answer["hits"]:
        text = canonical(desk, hit["id"])
        for snippet in hit["snippets"]:
            for start, end in snippet["highlights"]:
                seen += 1
                word = snippet["text"][start:end]
                assert fold(word).lower() in asked
                assert text[snippet["start"] + start : snippet["start"] + end] == word
    assert seen


def canonical(desk: Path, document_id: str) -> str:
    """The canonical text as the catalogue has it."""
    from indexer.catalogue import Catalogue

    catalogue = Catalogue.open(DataFolder(desk / "data").catalogue)
    document = catalogue.get(document_id)
    assert document is not None
    text = catalogue.canonical(document.key).text
    catalogue.close()
    return text


def test_a_number_comes_first(desk: Path) -> None:
    """The document that bears the number stands before those that cite it."""
    answer = json.loads(congbao("search", "12/2025/qd-ubnd", "--json", cwd=desk).stdout)
    assert answer["hits"][0]["number"] == "12/2025/QĐ-UBND"
    assert answer["total"] > 1


def test_search_prints_for_people(desk: Path) -> None:
    """Number, title and a passage, without markup left over."""
    done = congbao("search", "quy hoạch", "--size", "2", cwd=desk)
    assert done.returncode == 0
    assert "1182/QĐ-UBND" in done.stdout
    assert "[/]" not in done.stdout


def test_the_marked_sample_is_found_nowhere(desk: Path) -> None:
    """Not by its number, not by its title's words, not in what the commands print."""
    (marked,) = [line for line in json.loads(congbao("failures", "--json", cwd=desk).stdout) if line["outcome"] == "quarantined"]
    shown = json.loads(congbao("extract", marked["path"], "--show-marked", "--json", cwd=desk).stdout)
    assert shown["outcome"] == "quarantined"
    secret = shown["metadata"]
    printed = congbao("extract", marked["path"], "--json", cwd=desk).stdout
    assert json.loads(printed).keys() == {"file", "outcome", "stage", "reason", "detail", "format"}
    printed += congbao("extract", marked["path"], cwd=desk).stdout
    assert "--show-marked" in printed
    assert secret["title"] not in printed
    assert secret["number"] not in printed
    for query in (secret["number"], f'"{secret["title"]}"'):
        hits = json.loads(congbao("search", query, "--internal", "--json", cwd=desk).stdout)["hits"]
        assert secret["number"] not in {hit["number"] for hit in hits}
    stored = b"".join(path.read_bytes() for path in sorted((desk / "data").rglob("*")) if path.is_file())
    assert secret["title"].encode() not in stored
    assert secret["title"] not in marked["reason"]


def test_extract_tells_of_an_archive_and_each_member(tmp_path: Path) -> None:
    """A line for the archive, for archives within it and for each file, read or not; `index` and `status` count them."""
    text = "ỦY BAN NHÂN DÂN TỈNH BÌNH LÂM\nSố: 1/2025/QĐ-UBND\n\nQUYẾT ĐỊNH\nVề việc thử\n\nĐiều 1. Thử."
    inner = zip_of({"2.txt": "MẬT\n" + text, "3.bin": b"\x89PNG"})
    (tmp_path / "gói.docx").write_bytes(zip_of({"1.txt": text, "trong.zip": inner}))
    done = congbao("extract", tmp_path / "gói.docx", "--jsonl", tmp_path / "lines", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "lines").read_text(encoding="utf-8").splitlines()]
    told = {line["file"].removeprefix(f"{tmp_path}/"): (line["outcome"], line["reason"]) for line in lines}
    assert len(lines) == len(told)
    assert told == {
        "gói.docx": ("unpacked", ""),
        "gói.docx/1.txt": ("indexed", ""),
        "gói.docx/trong.zip": ("unpacked", ""),
        "gói.docx/trong.zip/2.txt": ("quarantined", "secrecy_mark"),
        "gói.docx/trong.zip/3.bin": ("failed", "unsupported"),
    }
    assert "4 tệp" in lines[0]["detail"]
    done = congbao("index", tmp_path / "gói.docx", "--publishable", cwd=tmp_path)
    assert "2 tệp nén đã mở" in done.stderr
    assert json.loads(congbao("status", "--json", cwd=tmp_path).stdout)["outcomes"]["unpacked"] == 2
    assert "tệp nén đã mở" in congbao("status", cwd=tmp_path).stdout
    assert "trong.zip/3.bin" in congbao("failures", cwd=tmp_path).stdout
    done = congbao("recall", tmp_path / "gói.docx", "--why", "thử", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "gói.docx/1.txt" in done.stdout


def test_extract_resumes(tmp_path: Path) -> None:
    """Whole lines stay, what is torn or left of an archive is read, and no line comes twice."""
    (tmp_path / "gói.zip").write_bytes(zip_of({"1.txt": "Điều 1. Một", "2.txt": "Điều 1. Hai"}))
    for name in ("3.txt", "4.bin"):
        (tmp_path / name).write_text("Điều 1. Ba", encoding="utf-8")
    told = [
        {"file": str(tmp_path / "gói.zip"), "outcome": "unpacked"},
        {"file": str(tmp_path / "gói.zip/1.txt"), "outcome": "failed"},
    ]
    lines = tmp_path / ".lines"
    lines.write_text("".join(json.dumps(one) + "\n" for one in told) + '{"file": "' + str(tmp_path), encoding="utf-8")
    done = congbao("extract", tmp_path, "--jsonl", lines, "--resume", cwd=tmp_path)
    assert done.returncode == 1, done.stderr  # one had failed before
    reports = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert reports[:2] == told
    assert sorted(one["file"].removeprefix(f"{tmp_path}/") for one in reports[2:]) == ["3.txt", "4.bin", "gói.zip/2.txt"]


@pytest.mark.parametrize("other", ["[1]\n", "Ghi chú", '{"file": "/a", "outcome": "indexed"}\n{"tệp'])
def test_resuming_spares_a_file_of_another_kind(tmp_path: Path, other: str) -> None:
    """What is not the beginning of a line of this command is not cut off as a torn one."""
    lines = tmp_path / ".lines"
    lines.write_text(other, encoding="utf-8")
    with pytest.raises(BadConfiguration, match="không làm tiếp"):
        already_told(lines)
    assert lines.read_text(encoding="utf-8") == other


def test_extract_shows_what_was_read(samples: Path, tmp_path: Path) -> None:
    """One object a file, with the outcome that indexing would give, and exit code 1 for an unreadable one."""
    lines = tmp_path / "out.jsonl"
    done = congbao("extract", samples, "--jsonl", lines, cwd=tmp_path)
    reports = [json.loads(line) for line in lines.read_text(encoding="utf-8").split("\n") if line]
    assert done.returncode == 1
    assert len(reports) == len(list(samples.iterdir()))
    for report in reports:
        if report["outcome"] == "failed":
            assert report["reason"]
            assert report["detail"]
            continue
        if report["outcome"] == "quarantined":
            assert report["detail"]
            assert "text" not in report
            continue
        for field, evidence in report["evidence"].items():
            assert {**report["metadata"], **report["formalities"]}[field]
            assert 0 <= evidence["span"][0] < evidence["span"][1] <= len(report["text"])
            assert 1 <= evidence["page"] <= len(report["page_starts"])
            assert 0 < evidence["confidence"] <= 1
    assert not (tmp_path / "data").exists()


def test_a_reader_that_leaves_a_pipe_is_no_error(desk: Path) -> None:
    """`congbao search ... | head -1` ends quietly."""
    with subprocess.Popen(
        [CONGBAO, "search", "đất", "--json"], cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["index", "no-such-folder", "--publishable"], 2, "no-such-folder"),
        (["index"], 2, "[sources]"),
        (["search", "đất", "--data", "nowhere"], 1, "congbao index"),
        (["status", "--data", "nowhere"], 1, "nowhere"),
        (["remove", "0" * 12], 1, "0" * 12),
        (["serve", "--port", "70000"], 2, "--port"),
        (["search", "đất " * 300], 2, "1000"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(desk: Path, arguments: list[str], code: int, says: str) -> None:
    """Wrong arguments end with their exit code and name what was wrong, without a stack trace."""
    done = congbao(*arguments, cwd=desk)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_come_from_file_then_environment_then_flags(tmp_path: Path, samples: Path) -> None:
    """The nearer source wins; an unknown key is named."""
    settings, empty = tmp_path / "congbao.toml", tmp_path / "empty"
    empty.mkdir()
    source = f'[sources.mau]\npath = "{samples}"\npublishable = true\n'
    settings.write_text(f'data = "from-file"\n{source}', encoding="utf-8")
    assert congbao("index", samples / "1182.QD-UBND.pdf", cwd=tmp_path).returncode == 0  # publishable by its source
    assert congbao("index", empty, cwd=tmp_path, env={"CONGBAO_DATA": "from-environment"}).returncode == 0
    assert congbao("index", empty, "--data", "from-flag", cwd=tmp_path, env={"CONGBAO_DATA": "ignored"}).returncode == 0
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"empty", "from-file", "from-environment", "from-flag"}
    done = congbao("status", cwd=tmp_path, env={"CONGBAO_SERV__PORT": "80"})
    assert (done.returncode, "CONGBAO_SERV__PORT" in done.stderr) == (2, True)
    settings.write_text("databse = 'x'\n", encoding="utf-8")
    done = congbao("status", cwd=tmp_path)
    assert (done.returncode, "databse" in done.stderr) == (2, True)


def test_reindex_mends_a_flipped_byte_and_remove_takes_a_document_out(tmp_path: Path, samples: Path) -> None:
    """`verify` names a changed index file, `reindex` needs no originals; what is removed stays out of the next run, too."""
    file = samples / "1182.QD-UBND.pdf"
    congbao("index", file, "--publishable", cwd=tmp_path)
    (hit,) = json.loads(congbao("search", "1182/QĐ-UBND", "--json", cwd=tmp_path).stdout)["hits"]
    victim = max((tmp_path / "data" / "index").rglob("MAIN_*"), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    done = congbao("verify", cwd=tmp_path)
    assert (done.returncode, victim.name in done.stdout) == (1, True)
    assert congbao("reindex", cwd=tmp_path).returncode == 0
    assert congbao("optimize", cwd=tmp_path).returncode == 0
    assert congbao("verify", cwd=tmp_path).returncode == 0
    assert congbao("remove", hit["id"], "--why", "sai sót", cwd=tmp_path).returncode == 0
    congbao("index", file, cwd=tmp_path)
    assert json.loads(congbao("search", "1182/QĐ-UBND", "--json", cwd=tmp_path).stdout)["total"] == 0
    assert congbao("verify", cwd=tmp_path).returncode == 0


def test_serve_answers_until_interrupted(desk: Path) -> None:
    """The service comes up, answers, follows a new commit, and ends cleanly on Ctrl-C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [CONGBAO, "serve", "--port", str(port)], cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        try:
            for _ in range(600):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=60) as answer:
                        ready = json.load(answer)
                    break
                except OSError:
                    time.sleep(0.1)
            assert ready["documents"] > 10
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=60) == 0
            assert server.stderr is not None
            assert b"Traceback" not in server.stderr.read()


def test_nothing_asks_the_network(tmp_path: Path, samples: Path) -> None:
    """Indexing (in every worker process) and searching open no connection and look no name up."""
    watch = tmp_path / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(
        "import os, sys\n"
        "def hook(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname', 'urllib.Request'):\n"
        f"        with open({str(tmp_path / 'asked')!r}, 'a') as log: log.write(f'{{event}} {{arguments}}\\n')\n"
        f"open({str(tmp_path / 'watched')!r}, 'a').write('x')\n"
        "sys.addaudithook(hook)\n",
        encoding="utf-8",
    )
    env = {"PYTHONPATH": str(watch)}
    assert congbao("index", samples, "--publishable", cwd=tmp_path, env=env).returncode == 1
    assert congbao("search", "quy hoạch", cwd=tmp_path, env=env).returncode == 0
    assert len((tmp_path / "watched").read_text(encoding="utf-8")) >= 3  # both commands and at least one worker
    assert not (tmp_path / "asked").exists()


def test_a_provision_of_a_named_document_is_opened(desk: Path) -> None:
    """The document is first, at the article asked for; among articles it is that article."""
    for scope in ("documents", "provisions"):
        done = congbao("search", "điều 2 quyết định 47/2025/QĐ-UBND", "--scope", scope, "--json", cwd=desk)
        first = json.loads(done.stdout)["hits"][0]
        assert (first["number"], first["provision"]["anchor"]) == ("47/2025/QĐ-UBND", "dieu-2")
        assert first["url"].endswith("#dieu-2")


def test_a_period_of_issue_restricts(desk: Path) -> None:
    """Only what was issued then is found, and the reader is told so."""
    answer = json.loads(congbao("search", "quyết định từ tháng 10 đến tháng 12/2025", "--json", cwd=desk).stdout)
    assert answer["hits"]
    assert all("2025-10-01" <= hit["issued_date"] <= "2025-12-31" for hit in answer["hits"])
    assert "period" in [step["step"] for step in answer["interpretation"]]
