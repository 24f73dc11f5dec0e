"""What the command line says to people about a wrong use of it: one Vietnamese sentence, exit code 2 (without data: 1)."""

import sys

import pytest

from search_api import cli

WRONG = [
    ("xyz", "Không có lệnh `xyz`"),
    ("serch", "search"),
    ("search", "Thiếu QUERY"),
    ("recall abc", "Thiếu tùy chọn `--why`"),
    ("search a b", "Thừa `b`"),
    ("search a --nope", "Không có tùy chọn `--nope`"),
    ("search a --size x", "`--size` không đúng: phải là số nguyên"),
    ("search a --size 999", "`--size` không đúng: không được quá 100"),
    ("search a --scope x", "`--scope` không đúng: `x` không dùng được, chọn một trong"),
    ("search a --data", "`--data` cần một giá trị"),
    ("search a --data=", "`--data` không đúng: phải là tên một thư mục"),
    ("search a --data /dev/null", "`/dev/null` không phải là thư mục"),
    ("search a --data /proc/none", "Chưa có thư mục dữ liệu `/proc/none`"),
    ("search a --data {} --from 32/01/2025", "`from` không đúng"),
    ("index /etc --data /proc/none", "Không tạo được `/proc/none`"),
    ("index /etc --preset x", "--preset cần --metadata"),
    ("extract /none", "không có `/none`"),
    ("extract {} --jsonl /none/x.jsonl", "Không ghi được `/none/x.jsonl`"),
    ("serve --data /none", "Chưa có thư mục dữ liệu `/none`"),
]


@pytest.mark.parametrize(("line", "said"), WRONG, ids=[line for line, _ in WRONG])
def test_a_wrong_use_is_a_sentence(line, said, tmp_path, monkeypatch, capsys):
    """Nothing of it is English, and nothing is made."""
    monkeypatch.setattr(sys, "argv", ["congbao", *line.format(tmp_path).split()])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr().err
    assert (ended.value.code, told.count("\n")) == (1 if "Chưa có" in said else 2, 1)
    assert told.startswith("Lỗi: ")
    assert said in told
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("settings", "variable", "said"),
    [
        (
            "",
            ("CONGBAO_SERVE__PORT", "abc"),
            "`serve.port` không dùng được: phải là số nguyên. Sửa biến môi trường `CONGBAO_SERVE__PORT`",
        ),
        ("", ("CONGBAO_DATA", ""), "`data` không dùng được: phải là tên một thư mục"),
        ("workers = 900", ("HOME", "/"), "`workers` không dùng được: không được quá 256. Sửa trong congbao.toml"),
        ("worker = 9", ("HOME", "/"), "`worker` không dùng được: không có mục này"),
        ('data = "\n', ("HOME", "/"), "không đúng cú pháp TOML ở dòng 1, cột 9"),
    ],
)
def test_a_wrong_setting_is_named_where_it_stands(settings, variable, said, tmp_path, monkeypatch, capsys):
    """In the file or in the environment."""
    (tmp_path / "congbao.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(*variable)
    monkeypatch.setattr(sys, "argv", ["congbao", "status"])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    assert said in capsys.readouterr().err
