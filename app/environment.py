"""The service's environment variables: which are settings, which are mistyped, and which belong to others."""

import difflib
import os
import re
from collections.abc import Collection

PREFIX = "LENET_"

# Kubernetes injects these into every pod of a namespace that has a Service called `lenet`.
_INJECTED = re.compile(r"LENET_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)")
_INJECTED_PORT = re.compile(r"(tcp|udp|sctp)://\S+")

_SIMILAR = 0.85  # difflib's ratio, from which a name counts as a misspelling: a letter or two may differ


def own_variables() -> dict[str, str]:
    """Return the variables that begin with `LENET_`, by their names in capitals, without those of Kubernetes."""
    variables = {name.upper(): value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
    return {
        name: value
        for name, value in variables.items()
        if not _INJECTED.fullmatch(name) and not (name == "LENET_PORT" and _INJECTED_PORT.fullmatch(value))
    }


def unknown_variables(known: Collection[str]) -> dict[str, str | None]:
    """Return our variables that are not `known`, each with the known one that it resembles, or None."""
    unknown = sorted(own_variables().keys() - set(known))
    closest = {name: difflib.get_close_matches(name, known, 1, _SIMILAR) for name in unknown}
    return {name: found[0] if found else None for name, found in closest.items()}
