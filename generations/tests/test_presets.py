"""People keep settings under names, with their account and not in their browser (P19)."""

import pytest

from generations.models import Preset
from generations.services import presets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

WIDE = {"model": "demo-image", "name": "Wide", "input": {"aspect_ratio": "16:9", "count": 2}}


def kept(client, **changes):
    return client.post("/api/v1/presets", {**WIDE, **changes}, format="json")


def test_settings_are_kept_listed_replaced_and_removed(alice, api_client_of):
    client = api_client_of(alice)
    first = kept(client)
    assert first.status_code == 201
    kept(client, input={"aspect_ratio": "1:1"})
    kept(client, name="Another", model="demo-music", input={"instrumental": True})
    listed = client.get("/api/v1/presets").json()["results"]
    assert [(one["name"], one["input"]) for one in listed] == [
        ("Another", {"instrumental": True}),
        ("Wide", {"aspect_ratio": "1:1"}),
    ]
    assert [one["name"] for one in client.get("/api/v1/presets?model=demo-image").json()["results"]] == ["Wide"]
    assert client.delete(f"/api/v1/presets/{first.json()['id']}").status_code == 204
    assert [one["name"] for one in client.get("/api/v1/presets").json()["results"]] == ["Another"]


@pytest.mark.promise("P18")
def test_anothers_presets_are_not_there(alice, mallory, api_client_of):
    hers = kept(api_client_of(alice)).json()["id"]
    assert api_client_of(mallory).get("/api/v1/presets").json()["results"] == []
    assert api_client_of(mallory).delete(f"/api/v1/presets/{hers}").status_code == 404
    assert Preset.objects.filter(pk=hers).exists()


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"aspect_ratio": "7:1"}, "/input/aspect_ratio", "not_allowed"),
        ({"count": 99}, "/input/count", "too_large"),
        ({"colour": "red"}, "/input/colour", "unknown_field"),
        ({"c" * 70: "red"}, f"/input/{'c' * 60}", "unknown_field"),
        (["not an object"], "/input", "wrong_type"),
    ],
)
def test_only_what_the_form_takes_is_kept(alice, api_client_of, given, pointer, code):
    answer = kept(api_client_of(alice), input=given)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert not Preset.objects.exists()


def test_files_are_not_kept(alice, api_client_of):
    file = {"upload": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e"}
    answer = kept(api_client_of(alice), model="demo-image-edit", input={"image": file})
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/input/image", "not_kept")]


def test_there_is_room_for_a_hundred(alice, api_client_of, monkeypatch):
    monkeypatch.setattr(presets, "MOST", 1)
    client = api_client_of(alice)
    assert kept(client).status_code == 201
    assert kept(client, input={}).status_code == 201
    refused = kept(client, name="One more")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_presets")
