"""Where else a page's hits stand: the copies that each of them is shown for."""

from collections.abc import Mapping, Sequence

from indexer.engine.port import Hit, Place
from indexer.model import Document, Visibility
from search_api.provisions import provision_words
from search_api.render import HitItem, document_url
from search_api.services import Library
from search_api.wire import PlaceItem

Places = Mapping[Place, PlaceItem]


def places_of(library: Library, hits: Sequence[Hit], visible: frozenset[Visibility]) -> Places:
    """Render where else hits stand; documents that were removed or hidden since the index was written are left out."""
    places = [place for hit in hits for place in hit.places]
    documents = library.get_many({place.key for place in places}, masked=True)
    return {
        place: _item(document, place.anchor)
        for place in places
        if (document := documents.get(place.key)) and document.visibility in visible
    }


def still_there(hit: Hit, places: Places) -> tuple[Sequence[PlaceItem], int]:
    """Return the other places of a hit that there still are, and how many there are in all."""
    found = [places[place] for place in hit.places if place in places]
    return found, hit.copies - len(hit.places) + len(found)


def sentence(hit: HitItem) -> str:
    """Return a line that names the other places of a hit, "" where there is none."""
    if not hit.other_places:
        return ""
    more = hit.other_places_total - len(hit.other_places)
    names = ", ".join(" – ".join(filter(None, (place.label, place.name))) for place in hit.other_places)
    return f"Cũng có trong: {names}{f' và {more} nơi khác' if more else ''}"


def _item(document: Document, anchor: str) -> PlaceItem:
    return PlaceItem(
        id=document.id,
        number=document.metadata.number,
        title=document.metadata.title,
        name=document.name,
        anchor=anchor,
        label=provision_words(anchor) if anchor else "",
        url=document_url(document.id, anchor),
    )
