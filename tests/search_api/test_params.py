"""Parameters and the problems that bad ones become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import BadQuery
from search_api.params import MAX_DEPTH, SearchParams, read_params
from search_api.render import Problem

BAD = [
    ("x=1", "x", "scope"),
    ("Q=a", "Q", "q, type"),
    ("q=%FF", "q", "UTF-8"),
    ("%FF=1", "?", "UTF-8"),
    ("q=a%00b", "q", "NUL"),
    ("q=" + "a" * 1001, "q", "1000"),
    ("q=a&q=b", "q", "một lần"),
    ("page=0", "page", "từ 1"),
    ("page=-1", "page", "từ 1"),
    ("page=1_0", "page", "từ 1"),
    ("page=%D9%A1", "page", "từ 1"),
    ("page=1001", "page", "10000"),
    ("page=101&size=100", "page", "10000"),
    ("size=0", "size", "100"),
    ("size=101", "size", "100"),
    ("year=22", "year", "1900"),
    ("year=2022,2023", "year", "1900"),
    ("type=" + "a" * 301, "type", "facets"),
    ("&".join(f"issuer={number}" for number in range(51)), "issuer", "50"),
    ("from=31/02/2022", "from", "23/03/2022"),
    ("from=2022-3-1", "from", "2022-03-23"),
    ("from=20220301", "from", "2022-03-23"),
    ("from=13/2022", "from", "03/2022"),
    ("to=0000", "to", "03/2022"),
    ("from=2022-03-02&to=01/03/2022", "to", "không trước"),
    ("sort=score", "sort", "newest"),
    ("scope=articles", "scope", "provisions"),
    ("collapse=1", "collapse", "true"),
    ("prior=no", "prior", "false"),
]


@pytest.mark.parametrize(("query_string", "parameter", "hint"), BAD)
def test_a_bad_parameter_is_a_problem_that_names_it(desk, query_string, parameter, hint):
    """Status 400, the parameter's name, and what it may be."""
    answer = desk.client.simulate_get("/api/v1/search", query_string=query_string)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate(answer.json)
    assert (problem.status, problem.parameter) == (400, parameter)
    assert hint in problem.detail


@pytest.mark.parametrize("path", ["/api/v1/documents/x", "/api/v1/documents/x/file", "/healthz", "/readyz", "/openapi.json"])
def test_endpoints_without_parameters_refuse_any(desk, path):
    """An unknown parameter is told of before anything else is looked at."""
    answer = desk.client.simulate_get(path, query_string="q=1")
    assert (answer.status_code, answer.json["parameter"]) == (400, "q")


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [("2024", "2024-01-01", "2024-12-31"), ("02/2024", "2024-02-01", "2024-02-29"), ("2024-02", "2024-02-01", "2024-02-29")],
)
def test_a_year_or_a_month_is_a_day(typed, first, last):
    """Its first for `from`, its last for `to`."""
    params = read_params(SearchParams, f"from={typed}&to={typed}")
    assert (str(params.from_), str(params.to)) == (first, last)


def test_all_parameters_are_read():
    """Lists repeat, dates come in both forms, empty values count as not given."""
    params = read_params(
        SearchParams,
        "q=%C4%91%E1%BA%A5t+ai&type=A&type=B&type=A&issuer=&year=2022&from=2022-03-01&to=23/3/2022&page=2&size=5&scope=",
    )
    assert params.model_dump(mode="json", by_alias=True, exclude_defaults=True) == {
        "q": "đất ai",
        "type": ["A", "B"],
        "year": [2022],
        "from": "2022-03-01",
        "to": "2022-03-23",
        "page": 2,
        "size": 5,
    }


def test_a_type_is_meant_however_it_is_written():
    """In capitals or not, with or without accents, once; what is no known type stays."""
    params = read_params(SearchParams, "type=nghi%20dinh&type=NGH%E1%BB%8A%20%C4%90%E1%BB%8ANH&type=lo%E1%BA%A1i%20kh%C3%A1c")
    assert params.type == ("Nghị định", "loại khác")


def test_text_is_composed():
    """Combining marks, as macOS sends them, become the letters that the index and the facets hold."""
    assert read_params(SearchParams, "q=a%CC%82&type=a%CC%82") == SearchParams(q="â", type=("â",))


@given(st.text(alphabet="qtypefromsiz=&%+0123456789ABCDEFđ/-\x00", max_size=80).map(lambda text: text.encode().decode("latin-1")))
def test_any_query_string_is_read_or_refused(query_string):
    """Nothing but BadQuery comes out of hostile query strings."""
    try:
        params = read_params(SearchParams, query_string)
    except BadQuery as error:
        assert error.parameter in str(error)  # noqa: PT017  either outcome is right
    else:
        assert params.page * params.size <= MAX_DEPTH
