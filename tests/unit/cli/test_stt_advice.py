"""What `antiphon stt load` makes of its figures."""

from antiphon.cli.knee import Knee
from antiphon.cli.load_client import Answer
from antiphon.cli.stt_load import advice
from antiphon.cli.stt_steps import Step, summed_up


def step(outcomes: dict[str, int], client_cpu: float = 0.01) -> Step:
    return Step(4, 10.0, outcomes, 1.0, 1.0, 0.1, 0.2, 0.3, 90.0, None, 5.0, 0.0, client_cpu)


def test_a_knee_is_a_recommendation() -> None:
    (knee, goodput) = advice([step({"200": 10})], Knee(1, True, 12.0, 0.93))
    assert knee == "Knee at 1 caller: recommended MAX_CONCURRENCY=1."
    assert "93 % of its peak (12.0/s)" in goodput


def test_what_spoils_a_measurement_is_told() -> None:
    said = " ".join(advice([step({"200": 10, "429": 3}, client_cpu=0.9)], Knee(8, False, 12.0, None)))
    assert "No knee up to 8 callers" in said
    assert "RATE_LIMIT_RPS" in said
    assert "another machine" in said
    assert advice([step({"502": 1})], None) == ["Nothing was transcribed: there is no knee."]


def test_only_answers_of_the_counted_time_count() -> None:
    headers = {
        "x-primary-infer-ms": "40",
        "x-queue-wait-ms": "7",
        "x-fallback-used": "true",
        "x-fallback-infer-ms": "9",
    }
    answers = [
        Answer(0.5, 0.5, "200"),
        *(Answer(1.0 + n, 0.1 * (n + 1), "200", headers if n % 2 else {"x-primary-infer-ms": "20"}) for n in range(4)),
        Answer(4.5, 0.01, "503"),
        Answer(9.0, 5.0, "200"),
    ]
    found = summed_up(answers, 2, from_s=1.0, to_s=5.0)
    assert found.outcomes == {"200": 4, "503": 1}
    assert (found.goodput_per_s, found.per_s) == (1.0, 1.25)
    assert found.p50_s == 0.2
    assert found.p99_s == 0.4
    assert (found.primary_p95_ms, found.queue_p95_ms, found.fallback_p95_ms) == (40.0, 7.0, 9.0)
    assert found.fallback_rate == 0.5


def test_transcriptions_longer_than_a_step_count_with_the_time_they_took() -> None:
    found = summed_up([Answer(20.0, 19.0, "200")], 1, from_s=1.0, to_s=5.0)
    assert (found.outcomes, found.goodput_per_s) == ({"200": 1}, 1 / 19)
