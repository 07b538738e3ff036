"""Fetching, tried against a real server on this machine."""

import gzip
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest

from carveout.engine.parties.snapshots.download import Manners, allowed, client
from carveout.engine.parties.snapshots.fetching import Visited, due, fetch
from carveout.engine.parties.snapshots.publications import Publication, Publications
from carveout.engine.parties.snapshots.status import status
from carveout.engine.parties.snapshots.store import Snapshots

from .samples import sdn_csv, sdn_xml, several

DAY = date(2024, 5, 7)
QUICK = Manners(tries=3, first_wait=0.01, longest_wait=0.02, connect=5, read=5, whole=20)
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A server that gives the prepared answers one after the other, the last again and again."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[dict[str, str]] = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told.asked.append({"path": self.path, **{key.lower(): x for key, x in self.headers.items()}})
                (told.answers.pop(0) if len(told.answers) > 1 else told.answers[0])(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/SDN.XML"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def answer(body: str | bytes = b"", status: int = 200, length: int | None = None, **headers: str) -> Answer:
    raw = body.encode() if isinstance(body, str) else body

    def give(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(raw) if length is None else length))
        handler.end_headers()
        handler.wfile.write(raw)

    return give


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def look(server: Server, store: Snapshots) -> Callable[..., Visited]:
    """Looks once at `us.ofac.sdn`, with these answers of the server."""

    def looked(*answers: Answer, manners: Manners = QUICK, name: str = "us.ofac.sdn") -> Visited:
        server.answers = list(answers)
        [visited] = fetch(store, publications(server), [name], manners=manners)
        return visited

    return looked


def publications(server: Server, *more: str) -> Publications:
    about = Publication(addresses=[server.address, *more], every=timedelta(hours=6))
    return Publications({"us.ofac.sdn": about, "eu.fsf": about})


WHOLE = sdn_xml(DAY, several(30))
Look = Callable[..., Visited]


def held(store: Snapshots) -> list[int]:
    with store.reading() as view:
        return [x.entries for x in view.snapshots()]


def test_a_list_is_fetched_and_then_asked_for_only_if_it_changed(look: Look, server: Server, store: Snapshots) -> None:
    assert look(answer(WHOLE, ETag='"one"', Last_Modified="Tue, 07 May 2024 20:00:00 GMT")).outcome == "taken"
    assert look(answer(status=304)).outcome == "unchanged"
    assert "if-none-match" not in server.asked[0]
    assert server.asked[1]["if-none-match"] == '"one"'
    assert server.asked[1]["if-modified-since"] == "Tue, 07 May 2024 20:00:00 GMT"
    assert server.asked[0]["user-agent"].startswith("carveout")
    assert look(answer(sdn_xml(DAY + timedelta(days=1), several(31)), ETag='"two"')).outcome == "taken"
    assert held(store) == [30, 31]
    with store.reading() as view:
        [found] = [x for x in status(view, publications(server), datetime.now(UTC)) if x.newest]
    assert found.state == "current" and found.age is not None and found.age < timedelta(minutes=5)


def test_the_same_file_again_is_no_second_snapshot(look: Look, store: Snapshots) -> None:
    assert look(answer(WHOLE)).outcome == "taken"
    assert look(answer(WHOLE)).outcome == "unchanged"
    assert held(store) == [30]


def test_a_passing_fault_is_tried_again(look: Look, server: Server) -> None:
    assert look(answer(status=500), answer(status=429, Retry_After="0"), answer(WHOLE)).outcome == "taken"
    assert len(server.asked) == 3


def test_a_lasting_fault_is_said_and_leaves_what_is_held(look: Look, server: Server, store: Snapshots) -> None:
    look(answer(WHOLE))
    visited = look(answer(status=503))
    assert visited.outcome == "failed" and "answered 503 (tried 3 times)" in visited.detail
    assert held(store) == [30]
    refused = look(answer(status=404))
    assert "answered 404" in refused.detail and len(server.asked) == 5


def test_a_body_shorter_than_announced_is_no_list(look: Look, store: Snapshots) -> None:
    cut = WHOLE.encode()[: len(WHOLE) // 2]
    visited = look(answer(cut, length=len(WHOLE), Connection="close"))
    assert visited.outcome == "failed" and held(store) == []
    assert look(answer(cut, length=len(WHOLE), Connection="close"), answer(WHOLE)).outcome == "taken"


def test_a_body_cut_without_a_word_is_no_list(look: Look, store: Snapshots) -> None:
    assert look(answer(WHOLE[: len(WHOLE) // 2])).outcome == "refused"
    assert held(store) == []


def test_too_much_is_not_read(look: Look, store: Snapshots) -> None:
    visited = look(answer(WHOLE), manners=Manners(most_bytes=100, tries=1))
    assert visited.outcome == "failed" and "larger than 100 bytes" in visited.detail
    bomb = look(
        answer(gzip.compress(b" " * 5_000_000), Content_Encoding="gzip"), manners=Manners(most_bytes=1_000_000, tries=1)
    )
    assert "larger than 1,000,000 bytes" in bomb.detail and held(store) == []


def test_a_packed_transport_is_unpacked(look: Look) -> None:
    assert look(answer(gzip.compress(WHOLE.encode()), Content_Encoding="gzip")).outcome == "taken"


def test_a_redirect_must_be_https(look: Look, server: Server) -> None:
    visited = look(answer(status=302, Location="http://127.0.0.1:9/SDN.XML"))
    assert visited.outcome == "failed" and "which is not https" in visited.detail
    assert len(server.asked) == 1
    assert "not https" in look(answer(status=302, Location="/elsewhere")).detail
    assert "not https" in look(answer(status=302, Location="file:///etc/passwd")).detail


def test_a_redirect_by_https_is_followed_and_circles_end(store: Snapshots) -> None:
    def give(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/circle":
            return httpx2.Response(302, headers={"location": "https://b.example/circle"})
        if request.url.host == "a.example":
            return httpx2.Response(301, headers={"location": "https://b.example/SDN.XML"})
        return httpx2.Response(200, content=WHOLE.encode())

    for address, outcome in (("https://a.example/SDN.XML", "taken"), ("https://a.example/circle", "failed")):
        known = Publications({"us.ofac.sdn": Publication(addresses=[address])})
        using = client(QUICK, transport=httpx2.MockTransport(give))
        [visited] = fetch(store, known, ["us.ofac.sdn"], manners=QUICK, using=using)
        assert visited.outcome == outcome
    assert "more than 5 redirects" in visited.detail


@pytest.mark.parametrize("page", ["<html><body>Sorry</body></html>", "<!DOCTYPE html><html></html>", "", "{}"])
def test_an_error_page_in_place_of_a_list_is_refused(page: str, look: Look, server: Server, store: Snapshots) -> None:
    look(answer(WHOLE, ETag='"one"'))
    assert look(answer(page, ETag='"page"')).outcome == "refused"
    assert held(store) == [30]
    look(answer(status=304))  # the page is not what is asked for as known
    assert server.asked[-1]["if-none-match"] == '"one"'


def test_another_list_in_its_place_is_refused(look: Look) -> None:
    visited = look(answer(WHOLE), name="eu.fsf")
    assert visited.outcome == "refused" and "eu.fsf was asked for" in visited.detail


def test_what_is_not_believed_is_put_aside_for_a_person(look: Look, store: Snapshots) -> None:
    look(answer(WHOLE))
    later = sdn_xml(DAY + timedelta(days=1), several(9))
    visited = look(answer(later))
    assert visited.outcome == "implausible" and held(store) == [30]
    [kept] = visited.kept
    assert kept.read_bytes() == later.encode() and kept.is_relative_to(store.folder)
    assert look(answer(sdn_xml(DAY - timedelta(days=1), several(30)))).outcome == "implausible"  # the clock went back


def test_a_file_without_a_day_takes_that_of_the_server(look: Look, store: Snapshots) -> None:
    look(answer(sdn_csv(several(30)), Last_Modified="Wed, 08 May 2024 02:00:00 GMT"))
    with store.reading() as view:
        [snapshot] = view.snapshots()
    assert (snapshot.published, snapshot.dated_by) == (date(2024, 5, 8), "assumed")


def test_files_that_belong_together_are_fetched_together(server: Server, store: Snapshots) -> None:
    alt = '1,1,"aka","FIRM ONE",-0- \r\n\x1a'
    known = publications(server, server.address.replace("SDN.XML", "ALT.CSV"))
    entries = answer(sdn_csv(several(30)), ETag='"s"', Last_Modified="Tue, 07 May 2024 20:00:00 GMT")
    server.answers = [entries, answer(alt, ETag='"a"')]
    [visited] = fetch(store, known, ["us.ofac.sdn"], manners=QUICK)
    assert visited.outcome == "taken"
    server.answers = [answer(status=304), answer(status=304)]
    assert [x.outcome for x in fetch(store, known, ["us.ofac.sdn"], manners=QUICK)] == ["unchanged"]
    # one of them changed: the other is fetched too
    more = '1,1,"aka","FIRM ONE",-0- \r\n2,2,"aka","FIRM TWO",-0- \r\n\x1a'
    server.answers = [
        answer(status=304), answer(more, Last_Modified="Wed, 08 May 2024 20:00:00 GMT"), answer(sdn_csv(several(30))),
    ]  # fmt: skip
    [visited] = fetch(store, known, ["us.ofac.sdn"], manners=QUICK)
    assert visited.outcome == "taken" and held(store) == [30, 30]


def test_what_is_due(look: Look, server: Server, store: Snapshots) -> None:
    known = publications(server)
    now = datetime.now(UTC)
    assert due(store, known, now) == ["us.ofac.sdn", "eu.fsf"]
    look(answer(WHOLE))
    assert due(store, known, now) == ["eu.fsf"]
    assert due(store, known, now + timedelta(hours=7)) == ["us.ofac.sdn", "eu.fsf"]
    look(answer(status=404))
    assert due(store, known, now) == ["us.ofac.sdn", "eu.fsf"]


@pytest.mark.parametrize(
    ("address", "first", "fine"),
    [
        ("https://example.org/x", True, True), ("https://example.org/x", False, True),
        ("http://example.org/x", True, False), ("http://127.0.0.1/x", True, True), ("http://127.0.0.1/x", False, False),
        ("http://localhost.example/x", True, False), ("ftp://example.org/x", True, False), ("file:///x", True, False),
        ("https://", True, False), ("x", True, False), ("", True, False),
    ],
)  # fmt: skip
def test_only_https_is_asked(address: str, first: bool, fine: bool) -> None:
    assert allowed(address, first=first) is fine


def test_a_publication_without_address_says_what_to_do(store: Snapshots) -> None:
    [visited] = fetch(store, Publications({"uk.ofsi": Publication()}), ["uk.ofsi"], manners=QUICK)
    assert visited.outcome == "failed" and "import its file by hand" in visited.detail
