"""The page at `/`: its files, read once, under addresses with a hash of what they contain."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

STATIC = Path(__file__).parent.parent / "static"

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_INDEX = "index.html"
_UNVERSIONED = "static/0/"  # as the files in the tree name each other
_POLICY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'"
}
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}

router = APIRouter(include_in_schema=False)


@cache
def page_files() -> tuple[str, dict[str, bytes]]:
    """Return a hash of the page's files, and their contents by name."""
    files = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.suffix in {*_TYPES, ".html"}}
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(b"%s %d\n" % (name.encode(), len(content)) + content)
    return digest.hexdigest()[:12], files


@router.get("/")
async def page() -> Response:
    """Answer the page. It is asked for anew each time; what it loads is cached for good."""
    version, files = page_files()
    html = files[_INDEX].replace(_UNVERSIONED.encode(), f"static/{version}/".encode())
    return Response(html, media_type="text/html", headers=_POLICY)


@router.get("/static/{version}/{name}")
async def part_of_page(version: str, name: str) -> Response:
    """Answer one of the files that the page loads."""
    present, files = page_files()
    kind = _TYPES.get(Path(name).suffix)
    if version != present or kind is None or name not in files:
        raise HTTPException(404)
    return Response(files[name], media_type=kind, headers=_FOR_GOOD)
