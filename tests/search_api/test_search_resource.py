"""GET /api/v1/search."""


def test_words_find_the_document_that_holds_them(desk):
    """The document with all the words comes first, with a passage whose highlights are those words."""
    answer = desk.client.simulate_get("/api/v1/search", params={"q": "quy hoạch sử dụng đất"}).json
    assert answer["hits"][0]["id"] == desk.ids["land plan"]
    snippet = answer["hits"][0]["snippets"][0]
    marked = {snippet["text"][start:end].lower() for start, end in snippet["highlights"]}
    assert marked == {"quy", "hoạch", "sử", "dụng", "đất"}
