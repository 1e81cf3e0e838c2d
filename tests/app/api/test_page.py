"""The page as the service hands it out: its policy, its size, and how it is cached."""

import re

import pytest
from fastapi.testclient import TestClient

from app.api.page import page_files

MOST_BYTES = 60 * 1024


def links(html: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"#]+)"', html)


def test_the_page_names_its_parts_by_relative_addresses_that_change_with_what_they_hold(client: TestClient) -> None:
    response = client.get("/")
    version, _ = page_files()
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    parts = [link for link in links(response.text) if link != "docs"]
    assert len(parts) >= 3
    for part in parts:
        assert part.startswith(f"static/{version}/")
        found = client.get(f"/{part}")
        assert found.status_code == 200
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_every_import_of_a_script_is_there(client: TestClient) -> None:
    version, files = page_files()
    scripts = {name: content.decode() for name, content in files.items() if name.endswith(".js")}
    imported = {
        name for text in scripts.values() for name in re.findall(r'^import .* from "\./(\w+\.js)";$', text, re.M)
    }
    assert imported | {"main.js"} == set(scripts)
    for name in scripts:
        found = client.get(f"/static/{version}/{name}")
        assert (found.status_code, found.headers["content-type"]) == (200, "text/javascript; charset=utf-8")


def test_nothing_inline_is_permitted_or_there(client: TestClient) -> None:
    response = client.get("/")
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; img-src 'self' data: blob:;")
    assert "unsafe" not in policy
    assert not re.search(r"<style|style=|<script>|\son\w+=|https?://", response.text)


def test_the_page_is_small() -> None:
    _, files = page_files()
    assert sum(map(len, files.values())) <= MOST_BYTES


@pytest.mark.parametrize("name", ["nothing.js", "api.d.ts", "index.html", "..%2Fpage.py"])
def test_other_files_are_not_handed_out(client: TestClient, name: str) -> None:
    version, _ = page_files()
    response = client.get(f"/static/{version}/{name}")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_parts_of_another_version_are_not_there(client: TestClient) -> None:
    assert client.get("/static/000000000000/main.js").status_code == 404
