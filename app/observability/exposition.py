"""The text that Prometheus collects: the counts of all workers, their processes, and the model."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.observability.service_metrics import ServiceMetrics
from app.observability.worker_slots import live_workers


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is said of the model served: two scores, and words such as its name and hash."""

    accuracy: float
    macro_f1: float
    words: dict[str, str]


class Exposition:
    """What one worker answers to a scraper. Any worker answers for all of them."""

    def __init__(self, metrics: ServiceMetrics, folder: Path | None, model: ModelFacts) -> None:
        """Show the metrics of this process, or those in the `folder` that it shares with others if there is one."""
        self._metrics = metrics
        self._registry = metrics.registry if folder is None else CollectorRegistry()
        if folder is not None and folder.is_dir():
            MultiProcessCollector(self._registry, str(folder))
        self._registry.register(_Model(model))
        self._registry.register(_Processes(folder))

    async def text(self, media_range: str) -> tuple[bytes, str]:
        """Return the text and its media type, in the version that `media_range`, a part of an Accept header, names."""
        self._metrics.flush()
        try:
            encode, media_type = choose_encoder(media_range)
        except TypeError:  # prometheus-client compares the version as numbers, whatever it is
            encode, media_type = choose_encoder(media_range.partition(";")[0])
        return await asyncio.to_thread(encode, self._registry), media_type


class _Model(Collector):
    def __init__(self, facts: ModelFacts) -> None:
        self._facts = facts

    def collect(self) -> Iterable[Metric]:
        facts = self._facts
        yield GaugeMetricFamily("lenet_model_accuracy", "Stored share of correct answers", facts.accuracy)
        yield GaugeMetricFamily("lenet_model_macro_f1", "Stored mean of the ten digits' F1 scores", facts.macro_f1)
        yield InfoMetricFamily("lenet_model", "The model served", facts.words)


class _Processes(Collector):
    """prometheus-client's metrics of a process, for every worker, by its slot."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        workers: dict[int, int | str] = {0: "self"} if self._folder is None else {**live_workers(self._folder)}
        families: dict[str, Metric] = {}
        for slot, pid in sorted(workers.items()):
            for metric in ProcessCollector(pid=partial(str, pid), registry=None).collect():
                family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                for sample in metric.samples:
                    family.samples.append(sample._replace(labels={"worker": str(slot)}))
        return families.values()
