"""The `congbao` command. Exit codes: 0 done, 1 some files failed or the work could not be done, 2 usage or settings."""

import contextlib
import dataclasses
import json
import sys
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from indexer.config import load_options
from indexer.datafolder import DataFolder
from indexer.engine.fields import Scope
from indexer.engine.port import Sort
from indexer.errors import BadConfiguration, BadQuery, BadRegister, CongbaoError, NoDataFolder
from indexer.model import FIELD_NAMES, Visibility
from search_api.terminal import FIELDS, INSPECTED, OUTCOMES, SEEN_BY, STAGES, STATES, FileProgress, IndexProgress, marked
from search_api.usage import UsageError, told

app = typer.Typer(
    name="congbao",
    help="Tìm kiếm toàn văn văn bản pháp luật: lập chỉ mục, tra cứu, phục vụ qua HTTP.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # boxes break messages apart, and scripts read them too
    pretty_exceptions_enable=False,
)
_out, _err = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
_USAGE = (BadConfiguration, BadQuery, BadRegister, NoDataFolder)


def _folder(text: str) -> Path:
    if not text.strip():
        raise typer.BadParameter("phải là tên một thư mục.")
    return Path(text)


Data = Annotated[
    Path | None, typer.Option(help="Thư mục dữ liệu (mặc định: ./data)", parser=_folder, metavar="FOLDER", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="In JSON cho chương trình khác đọc")]
Wait = Annotated[bool, typer.Option("--wait", help="Đợi nếu một tiến trình khác đang ghi")]
Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Tệp hoặc thư mục", exists=True, show_default=False)]


class Engine(StrEnum):
    """What answers an evaluation."""

    WHOOSH = "whoosh"
    MEMORY = "memory"


class Peer(StrEnum):
    """What an evaluation may be compared with."""

    TANTIVY = "tantivy"
    BM25S = "bm25s"
    SQLITE = "sqlite"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"congbao-search {version('congbao-search')}")
        raise typer.Exit


@app.callback()
def _common(
    _show: Annotated[bool, typer.Option("--version", help="In phiên bản", callback=_version, is_eager=True)] = False,
) -> None:
    """Tìm kiếm toàn văn văn bản pháp luật: lập chỉ mục, tra cứu, phục vụ qua HTTP."""


def main() -> None:
    """Run the command line; every error made on purpose is one sentence on standard error."""
    try:
        sys.exit(app(standalone_mode=False))
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # what it says is the help
            _err.print(escape(str(error)))
        else:
            _err.print(f"[red]Lỗi:[/] {escape(told(error))} Xem --help của lệnh.")
        sys.exit(2)
    except CongbaoError as error:
        _err.print(f"[red]Lỗi:[/] {escape(str(error))}")
        sys.exit(2 if isinstance(error, _USAGE) else 1)
    except BrokenPipeError:  # the reader of a pipe left, as `head` does
        sys.stderr.close()
        sys.exit(0)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


@app.command()
def index(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Tệp hoặc thư mục; mặc định: các [sources] của congbao.toml", show_default=False)
    ] = None,
    data: Data = None,
    publishable: Annotated[
        bool | None,
        typer.Option("--publishable/--not-publishable", help="Nguồn này được phép công bố; được ghi nhớ", show_default=False),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Tên nguồn", show_default=False)] = None,
    metadata: Annotated[
        Path | None,
        typer.Option(help="Sổ văn bản của cổng (CSV hoặc JSON Lines)", exists=True, dir_okay=False, show_default=False),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="Cách đặt cột của sổ; mặc định: nhận theo tên cột", show_default=False)
    ] = None,
    visibility: Annotated[Visibility | None, typer.Option(help="Ai được xem; được ghi nhớ", show_default=False)] = None,
    workers: Annotated[int | None, typer.Option(help="Số tiến trình đọc tệp", min=1, show_default=False)] = None,
    prune: Annotated[bool, typer.Option(help="Gỡ văn bản mà tệp không còn")] = False,
    prune_all: Annotated[bool, typer.Option("--prune-all", help="Như --prune, dù quá nửa số tệp không còn")] = False,
    force: Annotated[bool, typer.Option(help="Đọc lại cả tệp không đổi")] = False,
    readmit: Annotated[bool, typer.Option(help="Nhận lại mọi tệp dưới đường dẫn đã thu hồi bằng `congbao recall`")] = False,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Đọc tệp mới hoặc đã đổi và đưa vào chỉ mục; tệp không đổi được bỏ qua."""
    from indexer import commands
    from indexer.events import Event

    options = load_options(data=data, workers=workers)
    if preset is not None and metadata is None:
        raise BadConfiguration("--preset cần --metadata: sổ văn bản được đọc theo nó.")
    request = commands.IndexRequest(
        tuple(paths or ()), source, publishable, visibility, metadata, preset, force, readmit, prune, prune_all
    )
    with (
        _stopped("Đã dừng giữa chừng; phần đã đọc được giữ. Chạy lại lệnh này để làm tiếp."),
        commands.workplace(options, wait, _say_busy) as place,
        IndexProgress(_err) as progress,
    ):
        counts = commands.index(place, options, request, progress)
    if as_json:
        troubles = [dataclasses.asdict(report) for report in progress.troubles]
        named = {"counts": dict(sorted(counts.items())), "shown_to": dict(progress.shown_to)}
        _print_json(named | {"warnings": progress.warnings, "files": troubles})
    else:
        progress.summary(counts)
    raise typer.Exit(1 if counts[Event.FAILED] or counts[Event.REFUSED] else 0)


@contextlib.contextmanager
def _stopped(told: str) -> Iterator[None]:
    """End quietly on Ctrl-C, saying what became of the work."""
    try:
        yield
    except KeyboardInterrupt:
        _err.print(escape(told))
        raise typer.Exit(130) from None


def _say_busy(error: CongbaoError) -> None:
    _err.print(f"{escape(str(error))} Đang đợi ...")


@app.command()
def extract(
    paths: Paths,
    jsonl: Annotated[
        Path | None, typer.Option(help="Ghi mỗi tệp một dòng JSON vào đây", dir_okay=False, show_default=False)
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Làm tiếp --jsonl: bỏ qua tệp đã có dòng trong đó")] = False,
    show_marked: Annotated[
        bool, typer.Option("--show-marked", help="Hiện cả nội dung văn bản mang dấu mật, để xem có phải báo nhầm")
    ] = False,
    workers: Annotated[int | None, typer.Option(help="Số tiến trình đọc tệp", min=1, show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Xem chương trình đọc được gì từ tệp, và cửa kiểm mật nói gì; không lưu lại gì. Văn bản mang dấu mật không được hiện."""
    from indexer import inspection

    if resume and jsonl is None:
        raise BadConfiguration("--resume cần --jsonl: tệp ghi các dòng của lần chạy trước.")
    done = inspection.already_told(jsonl) if jsonl and resume and jsonl.exists() else {}
    failed = "failed" in done.values()
    bar = FileProgress(_err) if jsonl else FileProgress(Console(quiet=True))  # beside what is printed a bar would be in the way
    with (
        _stopped("Đã dừng giữa chừng." + (f" Chạy lại với --resume để làm tiếp {jsonl}." if jsonl else "")),
        _opened(jsonl, "a" if resume else "w") if jsonl else contextlib.nullcontext() as lines,
        bar,
    ):
        for path, result in inspection.inspect_files(
            paths, load_options(workers=workers), bar.found, done, show_marked=show_marked
        ):
            report = inspection.as_report(path, result)
            failed |= report["outcome"] == "failed"
            if lines is not None:
                lines.write(json.dumps(report, ensure_ascii=False) + "\n")
            elif as_json:
                sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")  # an object a line, however many files
            else:
                _print_inspection(report)
            bar.read()
    raise typer.Exit(1 if failed else 0)


def _opened(path: Path, mode: str) -> IO[str]:
    try:
        return path.open(mode, encoding="utf-8")
    except OSError as error:
        raise BadConfiguration(f"Không ghi được `{path}`: kiểm tra thư mục chứa nó và quyền ghi.") from error


def _print_inspection(report: dict[str, Any]) -> None:
    code = f" ({report['reason']})" if report["reason"] else ""
    _out.print(f"[bold]{escape(report['file'])}[/]: {INSPECTED[report['outcome']]}{code}")
    if report["detail"]:
        _out.print(f"  {escape(report['detail'])}")
    for name, value in {**report.get("metadata", {}), **report.get("formalities", {})}.items():
        if value:
            _out.print(f"  {FIELDS[name]}: {escape('; '.join(value) if isinstance(value, tuple) else str(value))}")
    for step in report.get("steps", []):
        _out.print(f"  bước {step['name']} × {step['count']} {escape(step['example'])}")
    if "text" in report:
        _out.print(escape(report["text"]))
    elif report["outcome"] == "quarantined":
        _out.print("  Không hiện nội dung. Nếu ngờ là báo nhầm, xem bằng --show-marked.")


@app.command()
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Từ cần tìm, số ký hiệu, cụm từ trong ngoặc kép")],
    data: Data = None,
    size: Annotated[int, typer.Option(help="Số kết quả", min=1, max=100)] = 10,
    page: Annotated[int, typer.Option(help="Trang", min=1)] = 1,
    scope: Annotated[Scope, typer.Option(help="documents: cả văn bản; provisions: từng điều")] = Scope.DOCUMENTS,
    sort: Annotated[Sort | None, typer.Option(help="Thứ tự; mặc định theo độ phù hợp", show_default=False)] = None,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Loại văn bản; lặp lại được", show_default=False)] = None,
    issuer: Annotated[list[str] | None, typer.Option(help="Cơ quan ban hành; lặp lại được", show_default=False)] = None,
    year: Annotated[list[int] | None, typer.Option(help="Năm ban hành; lặp lại được", show_default=False)] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="Ban hành từ ngày này: 23/03/2022, 03/2022, 2022", show_default=False)
    ] = None,
    to: Annotated[str | None, typer.Option(help="Ban hành đến ngày này", show_default=False)] = None,
    collapse: Annotated[bool, typer.Option(help="Gộp các bản có cùng nội dung thành một kết quả")] = True,
    prior: Annotated[bool, typer.Option(help="Khi khớp gần như nhau, văn bản còn hiệu lực và mới hơn đứng trước")] = True,
    as_typed: Annotated[bool, typer.Option("--as-typed", help="Tìm đúng như đã gõ: không sửa từ gõ sai, không thêm dấu")] = False,
    internal: Annotated[bool, typer.Option(help="Tìm cả văn bản nội bộ")] = False,
    as_json: Json = False,
) -> None:
    """Tìm như trang tìm kiếm tìm; người chạy lệnh này đọc được thư mục dữ liệu nên được xem cả văn bản nội bộ khi muốn."""
    from search_api.app import open_services
    from search_api.params import SearchParams, check_params
    from search_api.places import sentence
    from search_api.search import search as answer

    options = load_options(data=data)
    DataFolder(options.data).require()
    services = open_services(options)
    asked = {"q": query, "size": size, "page": page, "scope": scope, "sort": sort, "from": from_, "to": to}
    more = {"type": type_ or (), "issuer": issuer or (), "year": year or ()}
    flags = {"collapse": collapse, "prior": prior, "as_typed": as_typed}
    params = check_params(SearchParams, {name: value for name, value in {**asked, **more, **flags}.items() if value is not None})
    result = answer(services, params, frozenset(Visibility) if internal else frozenset({Visibility.PUBLIC}))
    if as_json:
        _print_json(result.model_dump(mode="json"))
        return
    for step in result.interpretation:
        _err.print(f"[dim]{escape(step.text)}[/]")
    beyond = f"; không có trang {page}, trang cuối là {result.page.pages}" if page > result.page.pages > 0 else ""
    _err.print(f"{result.total} kết quả, {result.took_ms} ms{beyond}")
    for other in result.alternatives:
        _err.print(escape(other.text))
    for number, hit in enumerate(result.hits, (page - 1) * size + 1):
        name = " ".join(filter(None, (hit.type, hit.number))) or hit.id
        if article := hit.provision:
            name = f"{article.label}{' ' if article.attachment else ' – '}{name}"
        _out.print(f"{number}. [bold]{escape(name)}[/] {hit.issued_date or ''}")
        if article and article.heading:
            _out.print(f"   [bold]{escape(article.heading)}[/]")
        _out.print(f"   {escape(hit.title or '')} [dim]({hit.id})[/]")
        for snippet in hit.snippets[:1]:
            _out.print(f"   … {marked(snippet.text, snippet.highlights)} …")
        if places := sentence(hit):
            _out.print(f"   [dim]{escape(places)}[/]")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Địa chỉ nghe (mặc định 127.0.0.1)", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="Cổng (mặc định 8080)", min=0, max=65535, show_default=False)] = None,
    workers: Annotated[int | None, typer.Option(help="Số tiến trình (mặc định 1)", min=1, max=64, show_default=False)] = None,
    data: Data = None,
) -> None:
    """Phục vụ trang tìm kiếm và API qua HTTP cho tới khi nhấn Ctrl-C."""
    from search_api.serve import serve as run

    given = {"host": host, "port": port, "workers": workers}
    run(load_options(data=data, serve={name: value for name, value in given.items() if value is not None} or None))


@app.command()
def status(data: Data = None, as_json: Json = False) -> None:
    """Thư mục dữ liệu đang có gì: số tệp theo kết quả, số văn bản, chỉ mục tới đâu."""
    from indexer import reports

    found = reports.status(load_options(data=data))
    if as_json:
        _print_json(dataclasses.asdict(found))
        return
    table = Table("Mục", "Giá trị")
    table.add_row("Văn bản tìm được", str(found.documents))
    for outcome, count in found.outcomes.items():
        table.add_row(f"Tệp: {OUTCOMES[outcome]}", str(count))
    table.add_row("Thay đổi mới nhất", str(found.change))
    table.add_row("Chỉ mục giữ tới thay đổi", str(found.indexed_change))
    for said in found.declarations:
        table.add_row(
            f"Nguồn {escape(said.name)}",
            f"{escape(str(said.path))} ({'công bố được' if said.publishable else 'không công bố'}, {SEEN_BY[said.visibility]})",
        )
    _out.print(table)


@app.command()
def failures(data: Data = None, as_json: Json = False) -> None:
    """Những tệp không thành văn bản tìm được: lỗi ở khâu nào, vì sao; những tệp bị cách ly; những tệp không còn trên đĩa."""
    from indexer import reports

    lines = reports.failures(load_options(data=data))
    if as_json:
        _print_json([dataclasses.asdict(line) for line in lines])
        return
    for line in lines:
        stopped = line.outcome in {"failed", "quarantined"}
        what = OUTCOMES[line.outcome if stopped else "missing"]
        where = f"{STAGES.get(line.stage or '', line.stage)} ({line.code})" if stopped else "không có tệp"
        reason = (line.reason or "") if stopped else f"Không còn trên đĩa từ {line.missing_since:.10}."
        _out.print(f"{what}\t{where}\t{escape(line.path)}\t{escape(reason)}")
    _err.print(f"{len(lines)} tệp.")


_Id = Annotated[
    str, typer.Argument(metavar="ID", help="Mã văn bản, như trong kết quả tìm kiếm; hoặc đường dẫn tệp nén, để thu hồi cả tệp")
]


@app.command()
def recall(
    document_id: _Id,
    why: Annotated[str, typer.Option(help="Lý do thu hồi, ghi vào sổ")],
    data: Data = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Thu hồi một văn bản: xóa hẳn nội dung khỏi thư mục dữ liệu, giữ tệp của nó ở ngoài (xem --readmit của `congbao index`)."""
    from indexer import commands

    with commands.workplace(load_options(data=data), wait, _say_busy) as place:
        before = place.catalogue.key_of(document_id) is not None and place.catalogue.get(document_id) is None
        paths = commands.remove(place, document_id, why)
    if as_json:
        _print_json({"id": document_id, "removed_before": before, "paths": paths})
    else:
        done = f"{document_id} đã được gỡ từ trước; nội dung đã xóa hẳn" if before else f"Đã gỡ {document_id} và xóa hẳn nội dung"
        _out.print(escape(done + (f"; giữ ngoài: {', '.join(paths)}" if paths else "")))


@app.command()
def remove(
    document_id: _Id,
    why: Annotated[str, typer.Option(help="Lý do, ghi vào sổ")] = "gỡ theo lệnh",
    data: Data = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Như `congbao recall`, không buộc nêu lý do."""
    recall(document_id, why, data, wait, as_json)


@app.command()
def conflicts(data: Data = None, as_json: Json = False) -> None:
    """Những chỗ sổ văn bản ghi khác chính văn bản; giá trị trong sổ đang có hiệu lực."""
    from indexer import reports

    found = reports.conflicts(load_options(data=data))
    if as_json:
        _print_json([dataclasses.asdict(conflict) for conflict in found])
        return
    for conflict in found:
        _out.print(f"[bold]{conflict.id}[/] {escape(conflict.number or '')} [dim]{escape(conflict.path)}[/]")
        _out.print(
            f"   {FIELD_NAMES[conflict.field]}: sổ ghi {escape(conflict.registered)}; văn bản ghi {escape(conflict.printed)}"
        )
    _err.print(f"{len(found)} chỗ khác nhau." if found else "Sổ và văn bản không có chỗ nào khác nhau.")


@app.command()
def doctor(data: Data = None, as_json: Json = False) -> None:
    """Máy này thiếu gì và vì thế không đọc được gì; thư mục dữ liệu có dùng được không. Mã thoát 1 khi có điều phải sửa."""
    from indexer.doctor import State, examine
    from search_api.doctor import examine_own

    options = load_options(data=data)
    checks = (*examine(options), *examine_own(options.abbreviations))
    if as_json:
        _print_json([dataclasses.asdict(check) for check in checks])
    else:
        for check in checks:
            colour, word = STATES[check.state]
            _out.print(f"[{colour}]{word}[/]\t{escape(check.name)}: {escape(check.detail)}")
    raise typer.Exit(1 if any(check.state is State.BROKEN for check in checks) else 0)


@app.command("eval")
def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Thư mục có corpus, queries, qrels (xem README)", exists=True, file_okay=False),
    ],
    run: Annotated[
        Path | None, typer.Option(help="Ghi thứ hạng vào tệp này (câu hỏi, mã, hạng)", dir_okay=False, show_default=False)
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Bộ máy tìm kiếm")] = Engine.WHOOSH,
    peer: Annotated[
        list[Peer] | None, typer.Option(help="Đo thêm bộ máy này trên cùng kho và câu hỏi; lặp lại được", show_default=False)
    ] = None,
    fold: Annotated[bool, typer.Option("--fold", help="Bỏ dấu các câu hỏi")] = False,
    collapse: Annotated[bool, typer.Option("--collapse", help="Gộp các bản có cùng nội dung thành một kết quả")] = False,
    prior: Annotated[bool, typer.Option("--prior", help="Ưu tiên văn bản còn hiệu lực và mới hơn")] = False,
    workers: Annotated[int | None, typer.Option(help="Số tiến trình phân tích văn bản", min=1, show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Đo chất lượng tìm kiếm trên một bộ câu hỏi có đáp án, bằng chỉ mục tạm dựng từ kho văn bản của bộ đó."""
    from search_api.evaluation.collection import Collection
    from search_api.evaluation.peers import make_peer
    from search_api.evaluation.report import print_evaluation
    from search_api.evaluation.run import ask_ours, ask_peer, evaluate, index_of, write_run

    peers = {str(name): make_peer(name) for name in peer or ()}
    collection, options = Collection(folder), load_options(workers=workers)
    with tempfile.TemporaryDirectory() as place:
        own = Path(place, "congbao")
        own.mkdir()
        with index_of(collection.items(), own, engine, options) as index:
            ours, postings = ask_ours(collection, *index, folded=fold, collapse=collapse, prior=prior)
        theirs = {name: ask_peer(collection, made, Path(place, name), folded=fold) for name, made in peers.items()}
    found = evaluate(collection, ours, postings, theirs)
    if run:
        write_run(run, ours.answers)
    if as_json:
        _print_json(dataclasses.asdict(found))
    else:
        print_evaluation(_out, found)


@app.command()
def reindex(data: Data = None, wait: Wait = False, as_json: Json = False) -> None:
    """Dựng lại chỉ mục từ kho, bên cạnh chỉ mục đang dùng, rồi thay thế; không đọc lại tệp."""
    from indexer import commands

    with commands.workplace(load_options(data=data), wait, _say_busy, rebuilding=True) as place, IndexProgress(_err) as progress:
        count = commands.reindex(place, progress)
    if as_json:
        _print_json({"documents": count})
    else:
        _out.print(f"Đã dựng lại chỉ mục với {count} văn bản.")


@app.command()
def optimize(data: Data = None, wait: Wait = False, as_json: Json = False) -> None:
    """Gộp các phần của chỉ mục thành một; câu trả lời không đổi, tra cứu nhanh hơn một chút sau nhiều lần cập nhật nhỏ."""
    from indexer import commands

    with commands.workplace(load_options(data=data), wait, _say_busy) as place:
        commands.optimize(place)
    if as_json:
        _print_json({"optimized": True})
    else:
        _out.print("Đã gộp chỉ mục.")


@app.command()
def verify(data: Data = None, as_json: Json = False) -> None:
    """Đọc lại toàn bộ kho và chỉ mục, kiểm tra từng tệp và sự khớp nhau; mã thoát 1 khi có điều sai."""
    from indexer import reports

    problems = reports.verify(load_options(data=data))
    if as_json:
        _print_json({"problems": problems})
    else:
        for problem in problems:
            _out.print(f"[red]Sai:[/] {escape(problem)}")
        _err.print("Kho và chỉ mục nguyên vẹn, khớp nhau." if not problems else f"{len(problems)} điều sai.")
    raise typer.Exit(1 if problems else 0)
