"""Pages as a scanner gives them: pictures of text, in a PDF that holds nothing else."""

import io
from collections.abc import Sequence
from pathlib import Path

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


def picture(angle: float = 0.0, left: Sequence[str] = LEFT) -> Image.Image:
    """A decision as a scanner sees it, its sheet turned by `angle` degrees anticlockwise."""
    sheet = Image.new("L", (1654, 2339), 255)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"), 26)
    for column, lines in ((150, left), (800, RIGHT)):
        for row, line in enumerate(lines):
            pen.text((column, 150 + 60 * row), line, fill=0, font=font)
    for row, line in enumerate(BODY):
        pen.text((200, 450 + 60 * row), line, fill=0, font=font)
    return sheet.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)


def scan(*pictures: Image.Image) -> io.BytesIO:
    """A PDF of these pictures."""
    file = io.BytesIO()
    pictures[0].save(file, "PDF", resolution=_DOTS, save_all=True, append_images=pictures[1:])
    return file
