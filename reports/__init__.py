"""A frozen assessment to documents and charts: docx, xlsx, pdf, svg."""
