"""The Chinese font of printed forms: found in a package, embedded as the few glyphs a document uses.

The font is Noto Sans CJK (SIL Open Font License 1.1) from the package ``noto-cjk-sans-otc``, so a fresh
machine without any font prints the same page. It covers all of GB 2312 and GBK, Extension A and some 2 300
characters beyond. What it lacks is looked for in the files of ``settings.PRINT_FONTS`` (any TTF, OTF or
TTC); what nobody has is printed as 〓, the printers' mark for a missing sort, still extractable as the
character itself, and reported to the caller.

Glyphs are converted from cubic to TrueType outlines, which every viewer draws; a document carries one font
per weight. Bold is the same outline struck twice, slightly shifted.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.sfnt import SFNTWriter
from reportlab.pdfbase import pdfdoc, pdfmetrics

from .model import FontError

EM = 1000
ASCENT, DESCENT = 880, -120
CURVE_ERROR = 1.0  # font units: a thousandth of the type size
STRIKE = 26  # how far the second stroke of bold is shifted
MISSING = "〓"
FAMILY = "Noto Sans CJK SC"
REGULAR, BOLD = "FormSans", "FormSans-Bold"


# --- glyphs -----------------------------------------------------------------------------------


class _Source:
    """One font file: which characters it has, their widths and outlines."""

    def __init__(self, font: TTFont) -> None:
        self.scale = EM / font["head"].unitsPerEm
        self.names: dict[int, str] = font.getBestCmap()
        self._glyphs = font.getGlyphSet()
        font.close()  # the glyph set has read its tables; nothing is read from the file any more

    def width(self, char: str) -> int:
        return round(self._glyphs[self.names[ord(char)]].width * self.scale)

    def draw(self, char: str, pen: Any) -> None:
        self._glyphs[self.names[ord(char)]].draw(TransformPen(pen, (self.scale, 0, 0, self.scale, 0, 0)))


@dataclass(frozen=True)
class Outline:
    """A compiled TrueType glyph: its bytes, its leftmost point, how many points and contours it has."""

    data: bytes = b""
    left: int = 0
    points: int = 0
    contours: int = 0


class GlyphBook:
    """Characters to widths and TrueType outlines, over several font files; safe for threads."""

    def __init__(self, fonts: Iterable[TTFont]) -> None:
        self._sources = [_Source(font) for font in fonts]
        if not self._sources:
            raise FontError("没有可用的打印字体")
        self._lock = threading.Lock()
        self._widths: dict[str, int] = {}
        self._outlines: dict[tuple[str, bool], Outline] = {}

    def has(self, char: str) -> bool:
        """Whether some font has the character, or it is one that shows nothing."""
        return self._source(char) is not None or _is_silent(char)

    def width(self, char: str) -> int:
        """The advance of a character in thousandths of the type size; that of the mark where nobody has it."""
        known = self._widths.get(char)
        if known is None:
            with self._lock:
                known = self._widths[char] = self._measure(char)
        return known

    def outline(self, char: str, *, bold: bool) -> Outline:
        """The TrueType glyph of a character, or of the mark where nobody has it."""
        with self._lock:
            known = self._outlines.get((char, bold))
            if known is None:
                known = self._outlines[char, bold] = self._convert(char, bold)
        return known

    def _measure(self, char: str) -> int:
        source = self._source(char)
        if source is None:
            return 0 if char == MISSING or _is_silent(char) else self._measure(MISSING)
        return source.width(char)

    def _convert(self, char: str, bold: bool) -> Outline:
        source = self._source(char)
        if source is None and not _is_silent(char):
            char, source = MISSING, self._source(MISSING)
        result = TTGlyphPen(None)
        pen = Cu2QuPen(result, CURVE_ERROR, reverse_direction=True)
        if source is not None:
            source.draw(char, pen)
            if bold:
                source.draw(char, TransformPen(pen, (1, 0, 0, 1, STRIKE, 0)))
        glyph = result.glyph()
        if not glyph.numberOfContours:
            return Outline()
        data = glyph.compile(None, recalcBBoxes=True)
        return Outline(data, glyph.xMin, len(glyph.coordinates), glyph.numberOfContours)

    def _source(self, char: str) -> _Source | None:
        return next((source for source in self._sources if ord(char) in source.names), None)


def _is_silent(char: str) -> bool:
    """Control and format signs and variation selectors: without a glyph they are left out, not marked."""
    return unicodedata.category(char) in ("Cc", "Cf", "Mn")


@lru_cache(maxsize=1)
def book() -> GlyphBook:
    """The glyphs of this installation: the bundled font, then those of ``settings.PRINT_FONTS``.

    Raises FontError when the bundled font is not installed or a named file cannot be read.
    """
    from django.conf import settings

    named = getattr(settings, "PRINT_FONTS", ()) if settings.configured else ()
    return GlyphBook([_bundled(), *(_opened(Path(path)) for path in named)])


def _bundled() -> TTFont:
    try:
        import noto_cjk_sans_otc
    except ImportError:
        raise FontError("缺少打印字体包 noto-cjk-sans-otc，请重新运行安装步骤（make run）") from None
    path = next(Path(noto_cjk_sans_otc.__file__).parent.glob("*.ttc"), None)
    if path is None:
        raise FontError("打印字体包 noto-cjk-sans-otc 中没有字体文件，请重新安装该软件包")
    for font in TTCollection(path, lazy=True).fonts:
        if font["name"].getDebugName(1) == FAMILY:
            return font
    raise FontError(f"字体文件 {path.name} 中没有 {FAMILY}，请重新安装软件包 noto-cjk-sans-otc")


def _opened(path: Path) -> TTFont:
    try:
        return TTFont(BytesIO(path.read_bytes()), lazy=True, fontNumber=0)
    except Exception as error:  # fontTools raises many kinds for a damaged file
        raise FontError(f"无法读取打印字体 {path}：{error}。请检查设置 PRINT_FONTS") from error


def problems() -> list[str]:
    """What is wrong with the printing font, in lines for the administrator; empty when all is well."""
    try:
        lacking = [char for char in "转诊单医院患者𠮷" if not book().has(char)]
    except FontError as error:
        return [str(error)]
    return [f"打印字体缺少常用字：{''.join(lacking)}"] if lacking else []


# --- a font inside a document -----------------------------------------------------------------


@dataclass
class _Used:
    """The characters one document has used of one font; a character's place is its glyph number."""

    name: str
    chars: list[str] = field(default_factory=lambda: [""])
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, char: str) -> int:
        found = self.numbers.get(char)
        if found is None:
            found = self.numbers[char] = len(self.chars)
            self.chars.append(char)
        return found


class FormFont:
    """A font as reportlab's canvas knows dynamic fonts: characters are numbered per document as they are
    drawn.

    It is written as one composite font (Type0, Identity-H, TrueType outlines) with a complete ToUnicode
    map, so that characters outside the basic plane can be searched and copied.
    """

    _dynamicFont = 1
    _multiByte = 1
    shapable = False
    encName = "Identity-H"

    def __init__(self, name: str, *, bold: bool) -> None:
        self.fontName = name
        self.face = self
        self.name, self.ascent, self.descent = name, ASCENT, DESCENT
        self._bold = bold
        self._used: WeakKeyDictionary[Any, _Used] = WeakKeyDictionary()

    def stringWidth(self, text: str, size: float, encoding: str = "utf-8") -> float:
        """The width of a text in points."""
        glyphs = book()
        return sum(glyphs.width(char) for char in text) * size / EM

    def splitString(self, text: str, doc: Any) -> list[tuple[int, bytes]]:
        """The text as two-byte glyph numbers of this document's font."""
        used = self._of(doc)
        return [(0, b"".join(used.number(char).to_bytes(2, "big") for char in text))] if text else []

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:
        """The name by which the page's operators call this font."""
        return f"/{self._of(doc).name}"

    def missing(self, doc: Any) -> list[str]:
        """The characters used in this document that no font has, in the order of their use."""
        return [char for char in self._of(doc).chars[1:] if not book().has(char)]

    def _of(self, doc: Any) -> _Used:
        used = self._used.get(doc)
        if used is None:
            used = self._used[doc] = _Used(f"F{len(doc.fontMapping) + 1}")
            doc.fontMapping[self.fontName] = f"/{used.name}"
            doc.delayedFonts.append(self)
        return used

    def addObjects(self, doc: Any) -> None:
        """Write the font with the glyphs used; called once by reportlab when the document is saved."""
        used = self._of(doc)
        widths = [EM, *(book().width(char) for char in used.chars[1:])]
        outlines = (book().outline(char, bold=self._bold) for char in used.chars[1:])
        program = _program([Outline(), *outlines], widths)
        base = f"{_tag(used.chars)}+NotoSansCJKsc-{'Bold' if self._bold else 'Regular'}"
        name = pdfdoc.PDFName
        descriptor = pdfdoc.PDFDictionary(
            {
                "Type": name("FontDescriptor"),
                "FontName": name(base),
                "Flags": 4,
                "FontBBox": pdfdoc.PDFArray([-1000, -1048, 2928, 1808]),
                "ItalicAngle": 0,
                "Ascent": ASCENT,
                "Descent": DESCENT,
                "CapHeight": 733,
                "StemV": 120 if self._bold else 80,
                "FontFile2": _stream(doc, program, f"{used.name}-file", {"Length1": len(program)}),
            }
        )
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": name("Font"),
                "Subtype": name("CIDFontType2"),
                "BaseFont": name(base),
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {
                        "Registry": pdfdoc.PDFString("Adobe"),
                        "Ordering": pdfdoc.PDFString("Identity"),
                        "Supplement": 0,
                    }
                ),
                "FontDescriptor": doc.Reference(descriptor, f"{used.name}-descriptor"),
                "DW": EM,
                "W": pdfdoc.PDFArray([0, pdfdoc.PDFArray(widths)]),
                "CIDToGIDMap": name("Identity"),
            }
        )
        whole = pdfdoc.PDFDictionary(
            {
                "Type": name("Font"),
                "Subtype": name("Type0"),
                "BaseFont": name(base),
                "Encoding": name("Identity-H"),
                "DescendantFonts": pdfdoc.PDFArray([doc.Reference(descendant, f"{used.name}-descendant")]),
                "ToUnicode": _stream(doc, _to_unicode(used.chars), f"{used.name}-unicode", {}),
            }
        )
        doc.idToObject["BasicFonts"].dict[used.name] = doc.Reference(whole, used.name)
        del self._used[doc]


def register() -> None:
    """Make the two weights known to reportlab, once a process."""
    for name, bold in ((REGULAR, False), (BOLD, True)):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(FormFont(name, bold=bold))


def _stream(doc: Any, content: bytes, name: str, entries: dict[str, int]) -> Any:
    stream = pdfdoc.PDFStream(content=content, filters=[pdfdoc.PDFZCompress] if doc.compression else None)
    for key, value in entries.items():
        stream.dictionary[key] = value
    return doc.Reference(stream, name)


def _program(outlines: Sequence[Outline], widths: Sequence[int]) -> bytes:
    """A TrueType font of these glyphs, with the tables a PDF needs and no more; *widths* one a glyph."""
    glyphs, offsets = bytearray(), [0]
    for outline in outlines:
        glyphs += outline.data + b"\0" * (-len(outline.data) % 4)
        offsets.append(len(glyphs))
    sides = [outline.left for outline in outlines]
    box = (-EM, -EM, 3 * EM, 2 * EM)  # generous, and the same for every document
    count, points = len(outlines), max(outline.points for outline in outlines)
    contours = max(outline.contours for outline in outlines)
    tables = {
        "glyf": bytes(glyphs),
        "head": struct.pack(">4I2H2q4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, EM, 0, 0, *box, 0, 8, 2, 1, 0),
        "hhea": struct.pack(
            ">I3hH11hH", 0x10000, ASCENT, DESCENT, 0, max(widths), min(sides), 0, box[2], 1, *[0] * 7, count
        ),
        "hmtx": b"".join(struct.pack(">Hh", width, side) for width, side in zip(widths, sides, strict=True)),
        "loca": struct.pack(f">{len(offsets)}I", *offsets),
        "maxp": struct.pack(">I14H", 0x10000, count, points, contours, 0, 0, 2, *[0] * 8),
    }
    out = BytesIO()
    writer = SFNTWriter(out, len(tables))
    for tag, data in tables.items():
        writer[tag] = data
    writer.close()
    return out.getvalue()


def _to_unicode(chars: Sequence[str]) -> bytes:
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    pairs = [
        f"<{number:04X}> <{char.encode('utf-16-be', 'surrogatepass').hex().upper()}>"
        for number, char in enumerate(chars)
        if char
    ]
    for start in range(0, len(pairs), 100):  # the format allows a hundred a block
        block = pairs[start : start + 100]
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode()


def _tag(chars: Sequence[str]) -> str:
    """The six letters that mark a subset, the same for the same characters."""
    digest = hashlib.sha256("".join(chars).encode("utf-8", "surrogatepass")).digest()
    return "".join(chr(65 + byte % 26) for byte in digest[:6])
