"""What is counted, and that counting many requests together gives what counting each would."""

import numpy as np
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.exposition import generate_latest

from app.observability.request_context import RecognisedDigit, RequestContext
from app.observability.service_metrics import Load, ServiceMetrics, observe


def request(**facts: object) -> RequestContext:
    context = RequestContext("id", route="/predict", status=200)
    for name, value in facts.items():
        setattr(context, name, value)
    return context


def value(metrics: ServiceMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_a_request_is_counted_when_flushed() -> None:
    metrics = ServiceMetrics()
    digits = [RecognisedDigit(7, 0.998, ()), RecognisedDigit(3, 0.55, ("low_confidence", "unfamiliar"))]
    metrics.record(request(seconds=0.003, received_bytes=400, digits=digits))
    metrics.record(request(status=415, error_code="not_an_image", received_bytes=5))
    metrics.forward_pass(2)
    metrics.flush()
    assert value(metrics, "lenet_http_requests_total", route="/predict", status="200", code="") == 1
    assert value(metrics, "lenet_http_requests_total", route="/predict", status="415", code="not_an_image") == 1
    assert value(metrics, "lenet_http_received_bytes_total") == 405
    assert value(metrics, "lenet_http_request_duration_seconds_count", route="/predict") == 2
    assert value(metrics, "lenet_http_request_duration_seconds_bucket", route="/predict", le="0.0025") == 1
    assert value(metrics, "lenet_refusals_total", reason="not_an_image") == 1
    assert value(metrics, "lenet_predictions_total", route="/predict", digit="7") == 1
    assert value(metrics, "lenet_unsure_predictions_total", route="/predict", reason="unfamiliar") == 1
    assert value(metrics, "lenet_prediction_confidence_ratio_bucket", route="/predict", le="0.6") == 1
    assert value(metrics, "lenet_forward_pass_pictures_bucket", le="2.0") == 1


def test_nothing_is_counted_twice_however_often_it_is_flushed() -> None:
    metrics = ServiceMetrics()
    for _ in range(1000):
        metrics.record(request())
        metrics.forward_pass(1)
    metrics.flush()
    metrics.flush()
    assert value(metrics, "lenet_http_requests_total", route="/predict", status="200", code="") == 1000
    assert value(metrics, "lenet_forward_pass_pictures_count") == 1000


def test_the_load_is_shown() -> None:
    metrics = ServiceMetrics()
    metrics.load(Load(waiting=3, decoding=2, held_bytes=1000))
    metrics.connections(5)
    names = ("lenet_waiting_pictures", "lenet_decoding_pictures", "lenet_held_bytes", "lenet_connections")
    assert [value(metrics, name) for name in names] == [3, 2, 1000, 5]


def test_known_refusals_and_digits_are_there_before_any() -> None:
    """A counter that first appears with 1 has no increase that Prometheus could see."""
    metrics = ServiceMetrics(["overloaded"], ["blank"])
    assert value(metrics, "lenet_unsure_predictions_total", route="/predict", reason="blank") == 0
    assert value(metrics, "lenet_refusals_total", reason="overloaded") == 0
    assert all(
        value(metrics, "lenet_predictions_total", route="/predict", digit=str(digit)) == 0 for digit in range(10)
    )


def test_observing_many_amounts_is_observing_each() -> None:
    amounts = [0, 0.5, 1, 2, 10, 100, *np.random.default_rng(0).uniform(0, 12, 500).tolist()]
    registries = CollectorRegistry(), CollectorRegistry()
    one, many = (Histogram("x", "x", registry=registry, buckets=(0.5, 1, 2, 10)) for registry in registries)
    for amount in amounts:
        one.observe(amount)
    observe(many, amounts)
    first, second = (
        [
            line
            for line in generate_latest(registry).decode().splitlines()
            if "_sum" not in line and "_created" not in line
        ]
        for registry in registries
    )
    assert first == second
    assert registries[1].get_sample_value("x_sum") == sum(amounts)
