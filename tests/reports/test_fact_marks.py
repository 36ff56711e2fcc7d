"""Sentences of printed files carry the numbers of their facts: raised marks, links, and a list of what each opens."""

import re
import zipfile
from dataclasses import replace

import docx
import pypdf
import pytest
from docx.oxml.ns import qn

from reports import annual, docx_writer, fact_marks, notice, pdf_writer, scorecard
from reports.annual.facts import Facts
from reports.blocks import Figure, Paragraph, Table
from reports.source import WrittenText
from tests.reports.factory import make_source

SITE = "https://city.example/wenxiao"
OWN = "本局{unit.U003.score}分，按时答复率{metric.R1.U003}，全市{metric.R1}。"


@pytest.fixture(scope="module")
def linked():
    return replace(make_source(count=12), address=SITE, texts={"unit.U003": WrittenText(OWN)})


def marked_blocks(document):
    blocks = (*document.front, *document.body)
    return [b for b in blocks if isinstance(b, Paragraph | Table | Figure) and b.fact]


def links_of_docx(path):
    """Each link of a Word file outside it: the words shown and the address."""
    word = docx.Document(str(path))
    found = []
    for link in word.element.body.iter(qn("w:hyperlink")):
        relation = link.get(qn("r:id"))
        if relation:
            text = "".join(t.text for t in link.iter(qn("w:t")))
            found.append((text, word.part.rels[relation].target_ref))
    return found


def links_of_pdf(path):
    notes = (note.get_object() for page in pypdf.PdfReader(path).pages for note in page.get("/Annots", []))
    return [str(note["/A"]["/URI"]) for note in notes if "/URI" in note.get("/A", {})]


def test_every_sentence_table_and_figure_has_a_link_to_each_of_its_facts(linked, tmp_path):
    document = annual.document(linked)
    wanted = [name for block in marked_blocks(document) for name in fact_marks.names_of(block)]
    assert len(wanted) > 100
    place = f"{SITE}/facts/{linked.number}/"
    number_of = {name: f"[{number}]" for number, name in enumerate(document.facts, 1)}
    found = links_of_docx(docx_writer.write(document, tmp_path / "a.docx"))
    assert found == [(number_of[name], fact_marks.marks(document)[name][1]) for name in wanted]
    assert all(address.startswith(place) for _, address in found)
    assert sorted(links_of_pdf(pdf_writer.write(document, tmp_path / "a.pdf"))) == sorted(
        address for _, address in found
    )


def test_links_keep_the_rules_of_pdf_a_2b_for_annotations(linked, tmp_path):
    """ISO 19005-2, 6.3.2: printed, not hidden, not without view; 6.5: only actions that are allowed."""
    reader = pypdf.PdfReader(pdf_writer.write(annual.document(linked), tmp_path / "a.pdf"))
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    assert len(notes) > 100
    for note in notes:
        assert note["/Subtype"] == "/Link"
        assert note["/F"] & 0b100, "the flag Print"
        assert not note["/F"] & 0b100011, "neither Invisible, Hidden nor NoView"
        assert "/A" not in note or note["/A"]["/S"] in ("/URI", "/GoTo")


def test_without_an_address_the_numbers_are_printed_and_listed_and_nothing_is_a_link(
    source, document, docx_path, pdf_path
):
    assert links_of_docx(docx_path) == links_of_pdf(pdf_path) == []
    xml = zipfile.ZipFile(docx_path).read("word/document.xml").decode()
    printed = re.findall(r'superscript"/></w:rPr><w:t>\[(\d+)\]', xml)
    assert {int(n) for n in printed} == set(range(1, len(document.facts) + 1))
    listed = document.body[-1]
    pairs = {row[i]: row[i + 1] for row in listed.rows for i in (0, 2) if row[i]}
    assert pairs == {str(number): name for number, name in enumerate(document.facts, 1)}
    assert f"/facts/{source.number}/" in document.body[-2].text


def test_numbers_in_an_edited_text_stay_linked_to_what_they_rest_on(linked):
    [written] = [b for b in annual.document(linked).body if isinstance(b, Paragraph) and b.text.startswith("本局")]
    assert fact_marks.names_of(written) == ["text.unit.U003", "unit.U003", "metric.R1.U003", "metric.R1"]


def test_sentences_about_a_unit_name_the_values_they_print(linked):
    facts = Facts(linked)
    for block in annual.document(linked).body:
        for name in fact_marks.names_of(block) if isinstance(block, Paragraph) else []:
            head, _, rest = name.partition(".")
            code, _, unit = rest.rpartition(".")
            if head == "metric" and unit in facts.names:
                assert facts.label(code).name in block.text or block.text.startswith("本局")


@pytest.mark.parametrize("make", [notice.document, lambda source: scorecard.document(Facts(source), "U003")])
def test_short_documents_list_their_facts_too(linked, make, tmp_path):
    document = make(linked)
    assert document.facts
    assert isinstance(document.body[-1], Table)
    assert len(links_of_docx(docx_writer.write(document, tmp_path / "d.docx"))) >= len(document.facts)
