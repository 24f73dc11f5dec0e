"""Pages as a scanner gives them: pictures of text, in a PDF that holds nothing else."""

import io
from collections.abc import Sequence
from pathlib import Path
from random import Random

import matplotlib
from PIL import Image, ImageDraw, ImageFont

_DOTS = 200
LEFT = ("ỦY BAN NHÂN DÂN", "TỈNH BÌNH LÂM", "Số: 1182/QĐ-UBND")
RIGHT = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Bình Lâm, ngày 23 tháng 3 năm 2022")
BODY = (
    "QUYẾT ĐỊNH",
    "Về việc phê duyệt kế hoạch sử dụng đất năm 2022",
    "Điều 1. Phê duyệt kế hoạch sử dụng đất của huyện Đồng Văn.",
    "Điều 2. Quyết định này có hiệu lực kể từ ngày ký.",
)
_PENNED = {  # how some figures are written: strokes in a box of width 0.6 and height 1
    "0": (((0.3, 0), (0.1, 0.2), (0.02, 0.55), (0.1, 0.9), (0.25, 1), (0.42, 0.85), (0.52, 0.5), (0.48, 0.15), (0.3, 0)),),
    "1": (((0.05, 0.5), (0.38, 0), (0.34, 1)),),
    "4": (((0.22, 0), (0.02, 0.62), (0.58, 0.6)), ((0.44, 0.15), (0.4, 1.3))),
    "5": (((0.1, 0.02), (0.05, 0.45), (0.3, 0.38), (0.5, 0.55), (0.46, 0.85), (0.2, 1), (0, 0.92)), ((0.1, 0.02), (0.6, 0))),
    "7": (((0, 0.08), (0.56, 0), (0.2, 1)), ((0.1, 0.5), (0.5, 0.46))),
}


def pen(sheet: Image.Image, figures: str, place: tuple[float, float], height: float) -> None:
    """Write figures as a clerk does, from the upper left corner `place` on, and leaning."""
    for index, figure in enumerate(figures):
        for stroke in _PENNED[figure]:
            points = [(place[0] + height * (0.85 * index + x + 0.15 * (1 - y)), place[1] + height * y) for x, y in stroke]
            ImageDraw.Draw(sheet).line(points, fill=0, width=max(2, round(height / 9)), joint="curve")


def stamp(sheet: Image.Image, words: Sequence[str], box: tuple[int, int, int, int]) -> None:
    """Press a stamp: its words, one below the other, in a frame."""
    draw = ImageDraw.Draw(sheet)
    draw.rectangle(box, outline=0, width=4)
    for row, line in enumerate(words):
        draw.text((box[0] + 14, box[1] + 10 + 44 * row), line, fill=0, font=font(22))


def dust(sheet: Image.Image, specks: int) -> None:
    """Strew specks as a copy of a copy has them, the same ones each time."""
    draw, chance = ImageDraw.Draw(sheet), Random(5)
    for _ in range(specks):
        x, y = chance.randrange(sheet.width - 2), chance.randrange(sheet.height - 2)
        draw.rectangle((x, y, x + 1, y + 1), fill=0)


def font(size: int) -> ImageFont.FreeTypeFont:
    """The typeface of these pages."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"), size)


def picture(angle: float = 0.0, left: Sequence[str] = LEFT, right: Sequence[str] = RIGHT) -> Image.Image:
    """A decision as a scanner sees it, its sheet turned by `angle` degrees anticlockwise."""
    sheet = Image.new("L", (1654, 2339), 255)
    pen = ImageDraw.Draw(sheet)
    face = font(26)
    for column, lines in ((150, left), (800, right)):
        for row, line in enumerate(lines):
            pen.text((column, 150 + 60 * row), line, fill=0, font=face)
    for row, line in enumerate(BODY):
        pen.text((200, 450 + 60 * row), line, fill=0, font=face)
    return sheet.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)


def scan(*pictures: Image.Image) -> io.BytesIO:
    """A PDF of these pictures."""
    file = io.BytesIO()
    pictures[0].save(file, "PDF", resolution=_DOTS, save_all=True, append_images=pictures[1:])
    return file
