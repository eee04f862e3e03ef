"""Pages onto paper: head, grid, foot, code to verify, mark."""

from __future__ import annotations

from functools import cached_property, partial
from io import BytesIO
from typing import Any

import segno
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from .. import calendar
from . import fonts
from .breaking import break_lines
from .fonts import ASCENT, BOLD, EM, REGULAR
from .layout import Cell, Composer, Placed, Row, paginate, shown, text_width
from .model import PAPERS, Block, Fields, Note, Paper, Paragraph, PrintError, Printout, Signatures, Table

QR_SIDE, QR_LARGEST = 21 * mm, 34 * mm
QR_MODULE = 0.33 * mm  # what an ordinary printer and an old phone manage
QR_QUIET = 4  # modules of white around the code, as ISO/IEC 18004 asks
FINE, BOLD_LINE = 0.5, 1.0
SHADE, RULE, PALE = 0.94, 0.25, 0.92


def render(printout: Printout) -> bytes:
    """What :func:`yigongti.kernel.printing.render_pdf` answers."""
    paper = PAPERS.get(printout.paper)
    if paper is None:
        raise PrintError(f"没有纸张“{printout.paper}”，可用：{'、'.join(PAPERS)}")
    fonts.register()
    out = BytesIO()
    canvas = Canvas(
        out,
        pagesize=(paper.width * mm, paper.height * mm),
        invariant=1,
        pageCompression=1,
        initialFontName=REGULAR,
        lang="zh-CN",
    )
    canvas.setTitle(f"{printout.title} {printout.number}".strip())
    canvas.setAuthor(printout.institution)
    canvas.setCreator("yigongti")
    (_Label if paper.label else _Form)(canvas, printout, paper).draw()
    canvas.save()
    return out.getvalue()


class _Sheet:
    """What forms and labels share: coordinates from the top left, text, the code to verify."""

    def __init__(self, canvas: Canvas, printout: Printout, paper: Paper) -> None:
        self.canvas, self.printout, self.paper = canvas, printout, paper
        self.left = paper.margin * mm
        self.width = (paper.width - 2 * paper.margin) * mm
        self.page_height = paper.height * mm

    def text(self, x: float, top: float, text: str, size: float, *, bold: bool = False, align: str = "left") -> None:
        """One line whose type square begins *top* points below the paper's edge."""
        self.canvas.setFont(BOLD if bold else REGULAR, size)
        y = self.page_height - top - size * ASCENT / EM
        offset = {"left": 0.0, "center": 0.5, "right": 1.0}[align] * text_width(text, size)
        self.canvas.drawString(x - offset, y, text)

    def fitted(self, text: str, width: float, size: float, least: float) -> tuple[list[str], float]:
        """The text in one line of at most *size*, smaller down to *least* where needed, then in several
        lines.
        """
        needed = text_width(text, size)
        if needed > width:
            size = max(least, size * width / needed)
        return break_lines(text, width, partial(text_width, size=size * 1.0001)), size

    @cached_property
    def matrix(self) -> tuple[bytearray, ...]:
        """The QR code's modules, none without an address."""
        if not self.printout.verify_url:
            return ()
        try:
            return segno.make(self.printout.verify_url, error="m", micro=False).matrix
        except segno.DataOverflowError:
            raise PrintError("核验网址过长，无法生成二维码，请缩短网址") from None

    def code(self, x: float, top: float, side: float) -> None:
        """The QR code, *side* points wide with its white margin."""
        module = side / (len(self.matrix) + 2 * QR_QUIET)
        path = self.canvas.beginPath()
        for row, line in enumerate(self.matrix):
            for column, dark in enumerate(line):
                if dark:
                    y = self.page_height - top - (row + QR_QUIET + 1) * module
                    path.rect(x + (column + QR_QUIET) * module, y, module, module)
        self.canvas.setFillGray(0)
        self.canvas.drawPath(path, stroke=0, fill=1)


class _Form(_Sheet):
    """A form or list on ordinary paper."""

    def draw(self) -> None:
        size = self.paper.size
        composer = Composer(self.paper, self.width)
        blocks = [*self.printout.blocks, *self._missing()]
        foot = self.left * 0.55 + size * 2.4
        first = self.page_height - self._head_height() - foot
        other = self.page_height - self.left * 0.8 - size * 2.6 - foot
        pages = paginate(composer.groups(blocks), first, other)
        for number, page in enumerate(pages, 1):
            self._mark()
            top = self._head() if number == 1 else self._short_head()
            for placed in page:
                self._row(placed, top)
            self._frames(page, top)
            self._foot(number, len(pages))
            self.canvas.showPage()

    # --- head and foot ---

    def _head_lines(self) -> list[tuple[str, float, bool]]:
        """(text, size, bold) of each line of the head."""
        width = self.width - 2 * self._code_side() - 8
        size = self.paper.size
        lines: list[tuple[str, float, bool]] = []
        for text, largest, bold in (
            (self.printout.institution, size * 1.5, False),
            (self.printout.title, size * 2.0, True),
            (self.printout.subtitle, size, False),
        ):
            if text:
                parts, fitted = self.fitted(text, width, largest, size)
                lines += [(part, fitted, bold) for part in parts]
        return lines

    def _head_height(self) -> float:
        text = sum(size * 1.4 for _, size, _ in self._head_lines())
        return self.left * 0.8 + max(text, self._code_side()) + self.paper.size * 2.1

    def _code_side(self) -> float:
        """Large enough that every module can be printed and read; nothing without a code."""
        modules = len(self.matrix) + 2 * QR_QUIET
        return min(max(QR_SIDE, modules * QR_MODULE), QR_LARGEST) if self.matrix else 0.0

    def _head(self) -> float:
        size = self.paper.size
        top = self.left * 0.8
        lines = self._head_lines()
        height = sum(line_size * 1.4 for _, line_size, _ in lines)
        if self.printout.verify_url:
            side = self._code_side()
            self.code(self.left + self.width - side, top - side * 0.06, side)
            self.text(self.left + self.width - side / 2, top + side * 0.94, "扫码核验", size * 0.72, align="center")
            top += max(0.0, (side - height) / 2)
        for text, line_size, bold in lines:
            self.text(self.left + self.width / 2, top, text, line_size, bold=bold, align="center")
            top += line_size * 1.4
        bottom = self._head_height()
        if self.printout.number:
            self.text(self.left, bottom - size * 1.75, f"编号：{self.printout.number}", size)
        return bottom

    def _short_head(self) -> float:
        size, top = self.paper.size * 0.9, self.left * 0.8
        title = f"{self.printout.title}（续页）"
        self.text(self.left, top, f"{self.printout.institution}　{title}"[:60], size)
        self.text(self.left + self.width, top, self.printout.number, size, align="right")
        return top + self.paper.size * 2.6

    def _foot(self, number: int, pages: int) -> None:
        size = self.paper.size * 0.8
        top = self.page_height - self.left * 0.55 - size * 1.4
        moment = calendar.local(self.printout.printed_at or calendar.now())
        self._line(self.left, top - size * 0.5, self.left + self.width, top - size * 0.5, FINE)
        self.text(self.left, top, f"打印时间：{moment:%Y-%m-%d %H:%M}", size)
        self.text(self.left + self.width / 2, top, f"第 {number} 页　共 {pages} 页", size, align="center")
        if self.printout.printed_by:
            right = self.left + self.width
            parts, fitted = self.fitted(f"打印人：{self.printout.printed_by}", self.width * 0.36, size, size * 0.7)
            self.text(right, top, parts[0], fitted, align="right")

    def _mark(self) -> None:
        if not self.printout.mark:
            return
        canvas, width = self.canvas, self.paper.width * mm
        size = min(width / max(len(self.printout.mark), 4) * 0.8, 80)
        canvas.saveState()
        canvas.setFillGray(PALE)
        canvas.translate(width / 2, self.page_height / 2)
        canvas.rotate(35)
        canvas.setFont(BOLD, size)
        canvas.drawString(-text_width(self.printout.mark, size) / 2, -size / 2, self.printout.mark)
        canvas.restoreState()

    # --- body ---

    def _row(self, placed: Placed, origin: float) -> None:
        x, top, row = self.left, origin + placed.top, placed.row
        for cell in row.cells:
            if cell.shaded and not self.printout.mark:
                self.canvas.setFillGray(SHADE)
                self.canvas.rect(x, self.page_height - top - row.height, cell.width, row.height, stroke=0, fill=1)
                self.canvas.setFillGray(0)
            self._cell(cell, row, x, top)
            x += cell.width

    def _cell(self, cell: Cell, row: Row, x: float, top: float) -> None:
        height = len(cell.lines) * cell.leading
        centred = cell.label or cell.align != "left" or len(row.cells) > 1
        y = top + ((row.height - height) / 2 if centred else row.pad)
        anchor = {"left": x + row.side, "center": x + cell.width / 2, "right": x + cell.width - row.side}[cell.align]
        inside = (cell.leading - cell.size) / 2
        for line in cell.lines:
            if line:
                self.text(anchor, y + inside, line, cell.size, bold=cell.bold, align=cell.align)
            y += cell.leading
        if cell.rule:
            start = x + row.side + text_width(cell.lines[-1], cell.size)
            self._line(start, y, x + cell.width - row.side, y, FINE)

    def _frames(self, page: list[Placed], origin: float) -> None:
        """Fine lines round every cell, a strong one round each run of rows."""
        run: list[Placed] = []
        for placed in [*page, None]:
            bordered = placed is not None and placed.row.cells[0].bordered
            adjoins = bool(run) and placed is not None and abs(placed.top - _bottom(run[-1])) < 0.01
            if run and not (bordered and adjoins):
                self._frame(run, origin)
                run = []
            if placed is not None and bordered:
                run.append(placed)

    def _frame(self, run: list[Placed], origin: float) -> None:
        top, bottom = origin + run[0].top, origin + _bottom(run[-1])
        for placed in run:
            x, upper = self.left, origin + placed.top
            if placed is not run[0]:
                self._line(self.left, upper, self.left + self.width, upper, FINE)
            for cell in placed.row.cells[:-1]:
                x += cell.width
                self._line(x, upper, x, upper + placed.row.height, FINE)
        self.canvas.setLineWidth(BOLD_LINE)
        self.canvas.setStrokeGray(0)
        self.canvas.rect(self.left, self.page_height - bottom, self.width, bottom - top, stroke=1, fill=0)

    def _line(self, x1: float, top1: float, x2: float, top2: float, width: float) -> None:
        self.canvas.setLineWidth(width)
        self.canvas.setStrokeGray(RULE)
        self.canvas.line(x1, self.page_height - top1, x2, self.page_height - top2)

    def _missing(self) -> list[Note]:
        """A note on the characters that no font has, so that they are written in by hand."""
        lacking = dict.fromkeys(char for char in _said(self.printout) if not fonts.book().has(char))
        if not lacking:
            return []
        points = "、".join(f"U+{ord(char):04X}" for char in list(lacking)[:20])
        more = f"等 {len(lacking)} 字" if len(lacking) > 20 else ""
        return [Note(f"{fonts.MISSING} 处为打印字库未收录的字符（{points}{more}），请手工填写。")]


def _bottom(placed: Placed) -> float:
    return placed.top + placed.row.height


def _said(printout: Printout) -> str:
    """Every text of a printout, line ends left out."""
    head = (printout.title, printout.number, printout.institution, printout.subtitle, printout.printed_by)
    return "".join((*head, *map(_said_by, printout.blocks))).replace("\n", "").replace("\t", "")


def _said_by(block: Block) -> str:
    match block:
        case Fields():
            return block.title + "".join(f"{label}{shown(value)}" for label, value in block.pairs)
        case Paragraph():
            return block.title + block.text
        case Table():
            heads = (column if isinstance(column, str) else column.title for column in block.columns)
            return block.title + "".join((*heads, *(shown(value) for row in block.rows for value in row)))
        case Signatures():
            return "".join(block.labels)
    return block.text


class _Label(_Sheet):
    """A label: title, then labels and values as lines, the code at the right; type shrinks until all fits."""

    LEAST = 5.0

    def draw(self) -> None:
        any_other = [block for block in self.printout.blocks if not isinstance(block, Fields)]
        if any_other:
            raise PrintError(f"标签只能打印字段，不能打印{type(any_other[0]).__name__}，请改用 A5 或 A4")
        pairs = [pair for block in self.printout.blocks if isinstance(block, Fields) for pair in block.pairs]
        height = self.page_height - 2 * self.left
        side = min(height * 0.55, 24 * mm) if self.printout.verify_url else 0.0
        size = self.paper.size
        while True:
            lines = self._lines(pairs, size, self.width - side)
            if sum(line_size * 1.25 for _, line_size, _ in lines) <= height:
                break
            size -= 0.25
            if size < self.LEAST:
                raise PrintError(f"内容放不进{self.paper.name}，请减少字段或改用较大的纸张")
        if side:
            self.code(self.left + self.width - side, self.left, side)
        top = self.left
        for text, line_size, bold in lines:
            self.text(self.left, top, text, line_size, bold=bold)
            top += line_size * 1.25
        self.canvas.showPage()

    def _lines(self, pairs: list[tuple[str, Any]], size: float, width: float) -> list[tuple[str, float, bool]]:
        texts = [(self.printout.title, size * 1.2, True)]
        texts += [(f"{label}：{shown(value)}" if label else shown(value), size, False) for label, value in pairs]
        texts += [(self.printout.number, size, False), (self.printout.institution, size * 0.85, False)]
        return [
            (line, line_size, bold)
            for text, line_size, bold in texts
            if text
            for line in break_lines(text, width, partial(text_width, size=line_size))
        ]
