"""Which of a register's columns is which of our fields: built-in presets, the operator's own, and how one is chosen."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from indexer.config import RegisterPreset
from indexer.errors import BadConfiguration
from indexer.register.rows import FILES, IGNORED, TARGETS
from indexer.register.table import broken
from indexer.register.tables import folded

PLAIN = "plain"  # columns that bear our own field names


@cache
def built_in() -> dict[str, RegisterPreset]:
    """Return the presets that ship with the program, by name."""
    presets = {PLAIN: RegisterPreset(columns={target: target for target in TARGETS})}
    for entry in sorted(files("indexer.register").joinpath("data").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            presets[entry.name.removesuffix(".toml")] = RegisterPreset.model_validate(
                tomllib.loads(entry.read_text(encoding="utf-8"))
            )
    return presets


def choose(
    path: Path, header: tuple[str, ...], sample: str, own: Mapping[str, RegisterPreset], named: str | None
) -> tuple[str, dict[str, str], dict[str, dict[str, str]]]:
    """Return the preset's name, its columns (folded name → field) and its values for this header and first record.

    Without a name it is the one that knows every column; the operator's own come first. Raises BadRegister, or
    BadConfiguration for an unusable preset.
    """
    presets = {**built_in(), **own}
    if named is not None and named not in presets:
        raise BadConfiguration(f"Không có mẫu sổ đăng ký `{named}`; có: {', '.join(sorted(presets))}.")
    columns = {name: _columns(name, preset) for name, preset in presets.items()}
    if named is None:
        fitting = {name: presets[name] for name in _fitting(path, header, columns)}
        named = _only_one(path, header, {name: fitting[name] for name in fitting if name in own} or fitting, sample)
    _check_header(path, named, header, columns[named])
    values = {field: {folded(k): v for k, v in words.items()} for field, words in presets[named].values.items()}
    return named, columns[named], values


def _columns(name: str, preset: RegisterPreset) -> dict[str, str]:
    for column, target in (*preset.columns.items(), *((field, field) for field in preset.values)):
        if target != IGNORED and target not in TARGETS:
            raise BadConfiguration(
                f"Mẫu sổ đăng ký `{name}`: `{column}` trỏ tới trường `{target}` không có. "
                f'Dùng "" để bỏ qua cột, hoặc một trong: {", ".join(TARGETS)}.'
            )
    return {folded(column): target for column, target in preset.columns.items()}


def _only_one(path: Path, header: tuple[str, ...], fitting: Mapping[str, RegisterPreset], sample: str) -> str:
    """Return the one preset of those that know all columns; several that read them alike count as one."""
    here = [name for name, preset in fitting.items() if preset.host is None or preset.host in sample]
    if not here:
        hosts = ", ".join(f"`{name}` ({preset.host})" for name, preset in fitting.items())
        raise broken(path, f"các cột giống mẫu {hosts} nhưng không thấy địa chỉ ấy; đặt tên mẫu, hoặc khai báo mẫu của nơi này.")
    used = {folded(column) for column in header}
    ways = [
        ({column: field for column, field in _columns(name, fitting[name]).items() if column in used}, fitting[name].values)
        for name in here
    ]
    if any(way != ways[0] for way in ways):
        raise broken(path, f"các cột hợp với nhiều mẫu ({', '.join(here)}); đặt tên một mẫu.")
    return here[0]


def _fitting(path: Path, header: tuple[str, ...], presets: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the names of the presets that know every column; raises BadRegister where none does."""
    found = {folded(column) for column in header}
    known = {name: len(found & columns.keys()) for name, columns in presets.items()}
    whole = [name for name in presets if known[name] == len(found)]
    if whole:
        return whole
    nearest = max(presets, key=lambda name: known[name])
    unknown = [column for column in header if folded(column) not in presets[nearest]]
    listed = ", ".join(f"`{column[:60]}`" for column in unknown[:10])
    if not known[nearest]:
        raise broken(
            path, f"không mẫu nào biết các cột {listed}. Có các mẫu: {', '.join(presets)}; khai báo cột trong congbao.toml."
        )
    raise broken(
        path,
        f"cột {listed} không có trong mẫu gần nhất `{nearest}`, mẫu này biết: {', '.join(f'`{c}`' for c in presets[nearest])}. "
        f'Khai báo cột trong [registers.<tên>.columns] của congbao.toml, hoặc bỏ qua nó bằng "".',
    )


def _check_header(path: Path, name: str, header: tuple[str, ...], columns: Mapping[str, str]) -> None:
    names = [folded(column) for column in header]
    for column in header:
        if folded(column) not in columns:
            known = ", ".join(f"`{known}`" for known in columns)
            raise broken(path, f"dòng 1, cột `{column[:60]}`: mẫu `{name}` không biết cột này; nó biết: {known}.")
        if names.count(folded(column)) > 1:
            raise broken(path, f"dòng 1: cột `{column[:60]}` được ghi hai lần.")
    targets = [columns[column] for column in names]
    for target in targets:
        if target not in (IGNORED, FILES) and targets.count(target) > 1:
            raise broken(path, f"dòng 1: nhiều cột cùng trỏ tới trường `{target}`.")
