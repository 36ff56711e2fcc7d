"""Contact sheets of documents, for people to look at: `make report-pictures` writes them into docs/pictures.

Word files are turned into pages by LibreOffice, PDF files by poppler; both must be on the path.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from reports import annual, docx_writer, notice, pdf_writer, scorecard, workbook
from tests.reports.factory import make_source

TARGET = Path(__file__).parents[1] / "docs" / "pictures"
COLUMNS, MOST_BYTES, DPI = 6, 400_000, 42
MOST_PAGES = 30


def main() -> int:
    """Make every document of a small fictional city and draw its first pages."""
    missing = [tool for tool in ("soffice", "pdftoppm") if shutil.which(tool) is None]
    if missing:
        print(f"install {', '.join(missing)} first (LibreOffice, poppler-utils)", file=sys.stderr)
        return 2
    source = make_source(count=12)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        made = [
            docx_writer.write(annual.document(source), place / "report_docx.docx"),
            pdf_writer.write(annual.document(source), place / "report_pdf.pdf"),
            docx_writer.write(notice.document(source), place / "notice_docx.docx"),
            scorecard.write(source, "U003", place / "scorecard_docx.docx", format="docx"),
            workbook.write(source, place / "workbook.xlsx"),
        ]
        for path in made:
            picture = TARGET / f"{path.stem}.png"
            print(picture.name, contact_sheet(as_pdf(path), picture))
    return 0


def as_pdf(path: Path) -> Path:
    """The file as PDF, by LibreOffice where it is none."""
    if path.suffix != ".pdf":
        command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(path.parent), str(path)]
        subprocess.run(command, check=True, capture_output=True)
    return path.with_suffix(".pdf")


def contact_sheet(path: Path, target: Path) -> int:
    """Draw the first pages side by side and return how many; fewer colours until the picture is small enough."""
    stem = path.parent / f"{path.stem}-page"
    command = ["pdftoppm", "-r", str(DPI), "-l", str(MOST_PAGES), "-png", str(path), str(stem)]
    subprocess.run(command, check=True, capture_output=True)
    pages = [Image.open(page) for page in sorted(path.parent.glob(f"{stem.name}-*.png"))]
    width, height = max(page.width for page in pages), max(page.height for page in pages)
    rows = -(-len(pages) // COLUMNS)
    sheet = Image.new("RGB", (min(COLUMNS, len(pages)) * (width + 6), rows * (height + 6)), "#8895a5")
    for number, page in enumerate(pages):
        sheet.paste(page, (number % COLUMNS * (width + 6) + 3, number // COLUMNS * (height + 6) + 3))
    target.parent.mkdir(parents=True, exist_ok=True)
    for colours in (64, 24, 12, 6):
        sheet.quantize(colours).save(target, optimize=True)
        if target.stat().st_size <= MOST_BYTES:
            break
    return len(pages)


if __name__ == "__main__":
    sys.exit(main())
