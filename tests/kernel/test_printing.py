import re
import threading
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import segno
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from yigongti.kernel.printing import (
    PAPERS,
    Block,
    Column,
    Fields,
    FontError,
    Note,
    Paragraph,
    PrintError,
    Printout,
    Signatures,
    Table,
    fonts,
    render_pdf,
)

MOMENT = datetime(2026, 3, 5, 6, 20, tzinfo=UTC)
MM = 72 / 25.4


def form(*blocks: Block, paper: str = "A4", **head: str) -> Printout:
    return Printout(
        title="双向转诊单",
        number="ZZ-2026-000128",
        institution="沙县区总医院",
        blocks=blocks,
        paper=paper,
        printed_at=MOMENT,
        **head,
    )


def read(printout: Printout) -> PdfReader:
    return PdfReader(BytesIO(render_pdf(printout)))


def text_of(printout: Printout) -> str:
    """All text of all pages, white space left out."""
    return "".join("".join(page.extract_text().split()) for page in read(printout).pages)


# --- the head and the foot ---


def test_the_form_says_who_made_it_what_it_is_when_and_which_page() -> None:
    text = text_of(form(subtitle="（上转）", printed_by="陈立新"))
    for said in ("沙县区总医院", "双向转诊单", "（上转）", "编号：ZZ-2026-000128", "打印人：陈立新", "第1页共1页"):
        assert said in text
    assert "打印时间：2026-03-0514:20" in text  # Shanghai, not UTC


def test_the_same_description_gives_the_same_bytes() -> None:
    printout = form(Fields((("姓名", "欧阳明"),)), verify_url="https://example.org/v/1")
    assert render_pdf(printout) == render_pdf(printout)


@pytest.mark.parametrize("paper", sorted(PAPERS))
def test_the_sheet_has_the_size_asked_for(paper: str) -> None:
    page = read(form(Fields((("姓名", "欧阳明"),)), paper=paper)).pages[0]
    assert float(page.mediabox.width) == pytest.approx(PAPERS[paper].width * MM, abs=0.1)
    assert float(page.mediabox.height) == pytest.approx(PAPERS[paper].height * MM, abs=0.1)


def test_an_unknown_paper_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PrintError, match="A4、A4L"):
        render_pdf(form(paper="A3"))


def test_the_document_names_its_title_institution_and_language() -> None:
    reader = read(form())
    assert reader.metadata is not None
    assert reader.metadata.title == "双向转诊单 ZZ-2026-000128"
    assert reader.metadata.author == "沙县区总医院"
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"


def test_a_mark_is_on_every_page() -> None:
    reader = read(form(Paragraph("经过", "很长。" * 3000), mark="演示数据"))
    assert len(reader.pages) > 1
    assert all("演示数据" in page.extract_text() for page in reader.pages)


# --- the font ---


def test_every_font_is_embedded_with_only_the_glyphs_used() -> None:
    data = render_pdf(form(Fields((("姓名", "欧阳明"),))))
    faces = PdfReader(BytesIO(data)).pages[0]["/Resources"]["/Font"]
    for face in faces.values():
        inner = face.get_object()["/DescendantFonts"][0].get_object()
        assert inner["/FontDescriptor"].get_object()["/FontFile2"].get_object().get_data()[:4] == b"\0\1\0\0"
    assert len(data) < 60_000


def test_the_embedded_font_is_a_sound_truetype_font_with_the_right_glyphs() -> None:
    outlines = [fonts.Outline(), *(fonts.book().outline(char, bold=False) for char in "医 1")]
    program = TTFont(BytesIO(fonts._program(outlines, [1000, 1000, 224, 555])), checkChecksums=2)
    assert program["maxp"].numGlyphs == 4
    assert [program["hmtx"].metrics[name][0] for name in program.getGlyphOrder()] == [1000, 1000, 224, 555]
    shapes = [program["glyf"][name] for name in program.getGlyphOrder()]
    assert [shape.numberOfContours for shape in shapes][:1] == [0]
    assert shapes[1].numberOfContours == outlines[1].contours > 0
    assert shapes[2].numberOfContours == 0
    assert 0 <= shapes[1].xMin < shapes[1].xMax <= 1000
    assert program["hmtx"].metrics[program.getGlyphOrder()[1]][1] == shapes[1].xMin


def test_a_name_outside_the_basic_plane_prints_and_can_be_copied() -> None:
    assert "欧阳𠮷祥" in text_of(form(Fields((("姓名", "欧阳𠮷祥"),))))


def test_a_character_that_no_font_has_is_marked_noted_and_still_copies_as_itself() -> None:
    text = text_of(form(Fields((("姓名", "王\U000323af"),))))
    assert "王\U000323af" in text
    assert "〓处为打印字库未收录的字符（U+323AF），请手工填写" in text
    assert "字库未收录" not in text_of(form(Fields((("姓名", "王𠮷"),))))


def test_invisible_and_control_signs_neither_print_nor_alarm() -> None:
    assert "字库未收录" not in text_of(form(Fields((("姓名", "王\u200b\x07明\ufe0f"),))))


def test_bold_is_heavier_and_as_wide_as_regular() -> None:
    regular, bold = (fonts.book().outline("医", bold=weight) for weight in (False, True))
    assert bold.contours == 2 * regular.contours > 0


def test_a_font_of_the_county_fills_the_gaps_of_the_bundled_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for step in ((0, 0), (0, 1000), (1000, 1000)):
        pen.lineTo(step) if step != (0, 0) else pen.moveTo(step)
    pen.closePath()
    builder = FontBuilder(2000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "rare"])
    builder.setupCharacterMap({0x323AF: "rare"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "rare": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (2000, 0), "rare": (1600, 0)})
    builder.setupHorizontalHeader(ascent=1600, descent=-400)
    builder.setupPost()
    builder.save(tmp_path / "county.ttf")
    book = fonts.GlyphBook([fonts._bundled(), fonts._opened(tmp_path / "county.ttf")])
    monkeypatch.setattr(fonts, "book", lambda: book)
    assert book.width("\U000323af") == 800  # scaled from its own em to ours
    assert "字库未收录" not in text_of(form(Fields((("姓名", "王\U000323af"),))))


def test_a_damaged_font_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    with pytest.raises(FontError, match=r"bad\.ttf.*PRINT_FONTS"):
        fonts._opened(tmp_path / "bad.ttf")


def test_the_installations_font_has_no_problems() -> None:
    assert fonts.problems() == []


def test_forms_print_at_the_same_time_without_mixing() -> None:
    made: dict[int, str] = {}

    def make(number: int) -> None:
        made[number] = text_of(form(Fields((("姓名", chr(0x4E00 + number) * 3),))))

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(chr(0x4E00 + number) * 3 in made[number] for number in range(8))


# --- the code to verify ---


def test_the_code_holds_the_address_module_by_module() -> None:
    url = "https://ygt.example.org/v/ZZ-2026-000128-7Q2M"
    page = read(form(verify_url=url)).pages[0]
    squares = [
        tuple(map(float, found))
        for found in re.findall(
            r"([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re", page.get_contents().get_data().decode("latin-1")
        )
        if found[2] == found[3]
    ]
    side = squares[0][2]
    left, top = min(x for x, *_ in squares), max(y for _, y, *_ in squares)
    dark = {(round((top - y) / side), round((x - left) / side)) for x, y, *_ in squares}
    expected = segno.make(url, error="m", micro=False).matrix
    assert dark == {(row, place) for row, line in enumerate(expected) for place, bit in enumerate(line) if bit}
    assert "扫码核验" in page.extract_text()


def test_without_an_address_there_is_no_code() -> None:
    assert "扫码核验" not in text_of(form())


def test_an_address_too_long_for_a_code_is_refused() -> None:
    with pytest.raises(PrintError, match="请缩短网址"):
        render_pdf(form(verify_url="https://example.org/" + "x" * 3000))


# --- the blocks ---


def test_fields_show_every_label_and_value_and_a_dash_for_none() -> None:
    text = text_of(form(Fields((("姓名", "欧阳明"), ("年龄", 0), ("过敏史", None), ("备注", "  ")), title="患者信息")))
    assert "患者信息" in text
    assert "姓名欧阳明年龄0过敏史—备注—" in text


def test_a_very_long_name_loses_nothing() -> None:
    name = "阿布都热合曼·买买提伊明·艾合买提江" * 4
    for paper in ("A4", "A5", "label-80x50"):
        assert name in text_of(form(Fields((("姓名", name), ("性别", "男"))), paper=paper))


def test_a_long_institution_and_title_shrink_and_wrap_inside_the_page() -> None:
    long = replace(form(verify_url="https://example.org"), institution="某某县" * 30, title="知情同意书" * 12)
    text = text_of(long)
    assert "某某县" * 30 in text
    assert "知情同意书" * 12 in text


def test_a_text_of_many_pages_runs_on_and_loses_nothing() -> None:
    body = "".join(f"第{number}次查房，病情平稳。" for number in range(1500))
    reader = read(form(Paragraph("病程", body)))
    pages = ["".join(page.extract_text().split()) for page in reader.pages]
    assert len(pages) > 5
    assert all(f"第{number}页共{len(pages)}页" in page for number, page in enumerate(pages, 1))
    assert "续页" in pages[1]
    inside = [re.sub(r"打印时间.*$|^沙县区总医院双向转诊单（续页）ZZ-2026-000128", "", page) for page in pages]
    assert body in "".join(inside)


def test_a_field_longer_than_a_page_is_torn_and_its_label_repeated() -> None:
    body = "一二三四五六七八九十" * 400
    text = text_of(form(Fields((("姓名", "欧阳明"), ("现病史", body)))))
    assert text.count("一二三四五六七八九十") >= 395  # a page break may fall inside one
    assert "现病史" in text
    assert "（续）" in text


def test_a_tables_heading_is_repeated_on_every_page_and_every_row_is_there() -> None:
    rows = [(number, f"居民{number}", "2026-03-05") for number in range(1, 201)]
    reader = read(form(Table(("序号", Column("姓名", 3), Column("应访日期", 2, "center")), rows, title="名单")))
    assert len(reader.pages) > 4
    for page in reader.pages:
        assert {"名单", "序号", "姓名", "应访日期"} <= set(page.extract_text().split())
    found = re.findall(r"居民(\d+)", "".join(page.extract_text() for page in reader.pages))
    assert found == [str(number) for number in range(1, 201)]


def test_an_empty_table_says_so() -> None:
    assert "检查无" in text_of(form(Table(("检查",), ())))


def test_a_row_of_the_wrong_length_is_refused_with_its_number() -> None:
    with pytest.raises(PrintError, match="第 2 行有 1 个值，应为 2 个"):
        render_pdf(form(Table(("甲", "乙"), (("1", "2"), ("3",)))))


def test_signatures_have_their_lines_and_dates_and_are_never_torn_apart() -> None:
    for filler in range(0, 60, 3):
        reader = read(
            form(Paragraph("经过", "行\n" * filler), Signatures(("转诊医师", "患者或家属", "接收人（盖章）")))
        )
        signed = [page.extract_text() for page in reader.pages if "转诊医师：" in page.extract_text()]
        assert len(signed) == 1
        assert "接收人（盖章）：" in signed[0]
        assert signed[0].count("年") >= 3


def test_a_heading_is_never_the_last_thing_on_a_page() -> None:
    for filler in range(20, 50):
        reader = read(form(Paragraph("经过", "行\n" * filler), Paragraph("诊断结论", "结论文字")))
        for page in reader.pages:
            text = page.extract_text()
            assert ("诊断结论" in text) == ("结论文字" in text)


def test_small_print_is_printed() -> None:
    assert "本单一式两份" in text_of(form(Note("本单一式两份")))


def test_more_than_the_most_pages_is_refused_not_endless() -> None:
    with pytest.raises(PrintError, match="超过 500 页"):
        render_pdf(form(Paragraph("经过", "行\n" * 60_000), paper="A5L"))


# --- labels ---


def test_a_label_holds_its_fields_in_lines_on_one_page() -> None:
    label = form(Fields((("姓名", "欧阳明 男 67 岁"), ("", "血常规"))), paper="label-60x40")
    reader = read(label)
    assert len(reader.pages) == 1
    assert "姓名：欧阳明男67岁血常规ZZ-2026-000128沙县区总医院" in text_of(label)


def test_a_label_that_cannot_hold_its_text_is_refused_not_cut() -> None:
    with pytest.raises(PrintError, match="放不进标签"):
        render_pdf(form(Fields((("说明", "很长的说明" * 200),)), paper="label-60x40"))


def test_a_label_takes_fields_only() -> None:
    with pytest.raises(PrintError, match="标签只能打印字段"):
        render_pdf(form(Signatures(("签名",)), paper="label-80x50"))
