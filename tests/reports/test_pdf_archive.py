"""What PDF/A-2b (ISO 19005-2) and tagging ask of a file, read from every kind of PDF object by object with pypdf.

The compiler is told to write PDF/A-2b and refuses what it knows to break it; these tests read what it wrote.
"""

from __future__ import annotations

import re

import pypdf
import pytest
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from tests.reports import kinds
from tests.reports.factory import make_source

PRINTED, NOT_SHOWN = 4, 1 | 2 | 32 | 256  # bits of /F: print; invisible, hidden, no view, toggle no view (6.3.2)
FORBIDDEN_KEYS = {"/AA", "/JS", "/JavaScript", "/XFA", "/NeedAppearances", "/OCProperties", "/Requirements", "/AF",
                  "/PresSteps", "/TR", "/HTP", "/Alternates", "/OPI", "/Ref", "/EmbeddedFiles"}  # fmt: skip
FORBIDDEN_ACTIONS = {"/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState", "/Rendition",
                     "/Trans", "/GoTo3DView", "/JavaScript"}  # fmt: skip
FILTERS = {"/FlateDecode", "/DCTDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/RunLengthDecode"}
BLENDS = {"/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten"}


@pytest.fixture(scope="module", params=[(name, "zh") for name in kinds.NAMES] + [("notice", "en"), ("scorecard", "en")])
def pdf(request, tmp_path_factory):
    name, language = request.param
    path = tmp_path_factory.mktemp("pdf") / f"{name}.pdf"
    kinds.write_pdf(make_source(count=6, language=language), name, path)
    return path, pypdf.PdfReader(path), language


def objects(reader):
    """Every dictionary of the file, those inside others too."""
    waiting = [reader.get_object(number) for number in range(1, int(reader.trailer["/Size"]))]
    waiting = [found for found in waiting if found is not None]
    while waiting:
        found = waiting.pop()
        if isinstance(found, DictionaryObject):
            yield found
            waiting += [v for v in dict.values(found) if isinstance(v, DictionaryObject | ArrayObject)]
        elif isinstance(found, ArrayObject):
            waiting += [v for v in list.__iter__(found) if isinstance(v, DictionaryObject | ArrayObject)]


def test_file_says_what_it_is_and_is_not_encrypted(pdf):
    path, reader, language = pdf
    head = path.read_bytes()[:20]
    assert head.startswith(b"%PDF-1.")
    assert sum(byte > 127 for byte in head) >= 4, "the second line has four bytes that are no text (6.1.2)"
    assert not reader.is_encrypted
    assert len(reader.trailer["/ID"]) == 2
    root = reader.trailer["/Root"]
    told = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part>\s*2\s*<", told)
    assert re.search(r"pdfaid:conformance>\s*B\s*<", told)
    assert "/Filter" not in root["/Metadata"].get_object()
    assert reader.metadata.title
    assert reader.metadata.title in re.search(r"<dc:title>(.*?)</dc:title>", told, re.S)[1]
    assert root["/Lang"].startswith(language)


def test_colours_have_an_output_intent_with_a_profile(pdf):
    _, reader, _ = pdf
    intents = [intent.get_object() for intent in reader.trailer["/Root"]["/OutputIntents"]]
    assert [intent["/S"] for intent in intents] == ["/GTS_PDFA1"]
    profile = intents[0]["/DestOutputProfile"].get_object().get_data()
    assert profile[36:40] == b"acsp"
    assert profile[8] in (2, 4), "version of the profile (6.2.2)"


def test_nothing_forbidden_is_in_any_object(pdf):
    _, reader, _ = pdf
    count = 0
    for found in objects(reader):
        count += 1
        assert not FORBIDDEN_KEYS & set(found)
        if found.get("/Type") == "/Action" or ("/S" in found and "/URI" in found):
            assert found["/S"] not in FORBIDDEN_ACTIONS
        if found.get("/Subtype") == "/Image":
            assert not found.get("/Interpolate", False)
        if found.get("/Subtype") == "/PS" or found.get("/Subtype2") == "/PS":
            raise AssertionError("PostScript")
        if found.get("/Type") == "/ExtGState":
            assert found.get("/BM", "/Normal") in BLENDS
        if isinstance(found, StreamObject):
            used = found.get("/Filter", [])
            assert set(used if isinstance(used, list) else [used]) <= FILTERS
            assert not {"/F", "/FFilter", "/FDecodeParms"} & set(found), "no content outside of the file (6.1.7.1)"
    assert count > 100


def test_every_font_is_inside_the_file_and_its_codes_are_known_as_text(pdf):
    _, reader, _ = pdf
    fonts = [found for found in objects(reader) if found.get("/Type") == "/Font"]
    whole = [font for font in fonts if font["/Subtype"] == "/Type0"]
    assert len(whole) >= 2
    assert {font["/Subtype"] for font in fonts} <= {"/Type0", "/CIDFontType0", "/CIDFontType2"}
    for font in whole:
        assert font["/Encoding"] == "/Identity-H"
        assert b"beginbfchar" in font["/ToUnicode"].get_object().get_data()
        below = font["/DescendantFonts"][0].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(below["/FontDescriptor"].get_object()), font["/BaseFont"]
        assert re.match(r"/[A-Z]{6}\+", font["/BaseFont"]), "a subset carries a tag before the name"
        assert "/W" in below
        if below["/Subtype"] == "/CIDFontType2":
            assert below["/CIDToGIDMap"] == "/Identity"


def test_links_are_printed_and_are_all_the_notes_there_are(pdf):
    _, reader, _ = pdf
    for page in reader.pages:
        assert "/StructParents" in page
        assert page.get("/Tabs", "/S") == "/S"
        for note in (entry.get_object() for entry in page.get("/Annots", [])):
            assert note["/Subtype"] == "/Link"
            assert note["/F"] & PRINTED
            assert not note["/F"] & NOT_SHOWN
            assert "/StructParent" in note


def test_structure_is_marked_and_every_kind_of_element_is_standard(pdf):
    _, reader, _ = pdf
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    tree = root["/StructTreeRoot"]
    roles = tree.get("/RoleMap", {})
    standard = {"/Document", "/Part", "/Sect", "/Div", "/TOC", "/TOCI", "/P", "/H1", "/H2", "/H3", "/Table", "/TR",
                "/TH", "/TD", "/THead", "/TBody", "/TFoot", "/Span", "/Link", "/Figure", "/Reference", "/Lbl",
                "/NonStruct", "/Caption", "/L", "/LI", "/LBody"}  # fmt: skip
    found = [entry for entry in objects(reader) if entry.get("/Type") == "/StructElem"]
    assert {entry["/S"] for entry in found} - set(roles) <= standard
    assert {roles[name] for name in roles} <= standard
    figures = [entry for entry in found if entry["/S"] == "/Figure"]
    assert all(entry.get("/Alt") for entry in figures)
    heads = [entry for entry in found if entry["/S"] == "/TH"]
    assert heads
    assert all(entry["/A"] for entry in heads), "the scope of a head"
