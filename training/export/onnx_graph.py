"""A network as an ONNX graph, which the service runs in ONNX Runtime."""

import logging
import warnings
from pathlib import Path

import torch
from torch import nn

from app.lenet.network import artifact
from app.lenet.network.input_spec import InputSpec

_PICTURES, _LOGITS = "pictures", "logits"


def onnx_graph(module: nn.Module, spec: InputSpec) -> bytes:
    """Return the module as the bytes of an ONNX file: `pictures` (N, 1, size, size) float32 -> `logits` (N, classes).

    Deterministic: the same weights give the same bytes.
    """
    example = torch.zeros(2, 1, spec.size, spec.size, device=next(module.parameters()).device)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it tells of packages of which no use is made
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter calls what other parts of torch have deprecated
        program = torch.onnx.export(
            module.eval(),
            (example,),
            input_names=[_PICTURES],
            output_names=[_LOGITS],
            dynamic_shapes=({0: torch.export.Dim("count")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # noqa: S101 - what torch promises for dynamo, said to the type checker
    proto = program.model_proto
    graph = proto.graph
    for described in (proto, graph, *graph.node, *graph.input, *graph.output, *graph.value_info):
        del described.metadata_props[:]  # which hold the paths of the source files
    return bytes(proto.SerializeToString())


def write_graph(path: Path) -> None:
    """Write the graph of an artifact beside its weights `path` anew, and its hash into the card.

    Raises `ArtifactError` when there is no such artifact.
    """
    found = artifact.load(path)
    artifact.save(path.read_bytes(), found.card, path.parent, onnx_graph(found.build(), found.card.input))
