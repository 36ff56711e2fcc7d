"""Documents made once for all tests that read them back."""

import pytest

from reports import annual, docx_writer, pdf_writer, workbook
from tests.reports.factory import make_source


@pytest.fixture(scope="session")
def source():
    return make_source()


@pytest.fixture(scope="session")
def document(source):
    return annual.document(source)


@pytest.fixture(scope="session")
def docx_path(document, tmp_path_factory):
    return docx_writer.write(document, tmp_path_factory.mktemp("docx") / "annual.docx")


@pytest.fixture(scope="session")
def pdf_path(document, tmp_path_factory):
    return pdf_writer.write(document, tmp_path_factory.mktemp("pdf") / "annual.pdf")


@pytest.fixture(scope="session")
def xlsx_path(source, tmp_path_factory):
    return workbook.write(source, tmp_path_factory.mktemp("xlsx") / "book.xlsx")
