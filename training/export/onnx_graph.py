"""Export of a network as an ONNX graph, which the service runs in ONNX Runtime."""

import logging
import warnings

import torch
from torch import nn

from app.lenet.network.input_spec import InputSpec

_PICTURES, _LOGITS = "pictures", "logits"


def onnx_graph(module: nn.Module, spec: InputSpec) -> bytes:
    """Return the module as the bytes of an ONNX file: `pictures` (N, 1, size, size) float32 -> `logits` (N, classes).

    Deterministic: the same weights give the same bytes.
    """
    example = torch.zeros(2, 1, spec.size, spec.size, device=next(module.parameters()).device)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns of missing packages that are not needed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter uses deprecated parts of torch
        program = torch.onnx.export(
            module.eval(),
            (example,),
            input_names=[_PICTURES],
            output_names=[_LOGITS],
            dynamic_shapes=({0: torch.export.Dim("count")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # noqa: S101 - torch guarantees it with dynamo=True; for the type checker
    proto = program.model_proto
    graph = proto.graph
    for described in (proto, graph, *graph.node, *graph.input, *graph.output, *graph.value_info):
        del described.metadata_props[:]  # they contain paths of source files
    return bytes(proto.SerializeToString())
