"""What a Prometheus server is told."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx2
from prometheus_client.parser import text_string_to_metric_families

Open = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


def answered(text: str) -> dict[tuple[str, str, str], float]:
    """How many requests were answered, by method, route and status."""
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "http_request_seconds_count"
    }


async def test_requests_are_counted_by_route_and_name_no_conversation(open_api: Open) -> None:
    async with open_api() as client:
        started = (await client.post("/api/conversations")).json()["conversation"]["id"]
        for _ in range(2):
            await client.get(f"/api/conversations/{started}")
        await client.get("/api/conversations/nobody")
        await client.get("/no/such/path")
        await client.request("BREW", "/coffee")
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answered(answer.text) == {
        ("POST", "/api/conversations", "201"): 1,
        ("GET", "/api/conversations/{conversation_id}", "200"): 2,
        ("GET", "/api/conversations/{conversation_id}", "404"): 1,
        ("GET", "none", "404"): 1,
        ("other", "none", "404"): 1,
    }
    assert started not in answer.text
    assert "process_resident_memory_bytes" in answer.text


async def test_figures_are_for_holders_of_a_key(open_api: Open) -> None:
    async with open_api(api_keys=("right",)) as client:
        refused = await client.get("/metrics")
        given = await client.get("/metrics", headers={"Authorization": "Bearer right"})
    assert (refused.status_code, given.status_code) == (401, 200)
    assert answered(given.text) == {("GET", "none", "401"): 1}
