#!/usr/bin/env bash
# A rolling restart of two replicas behind HAProxy under load: no request fails.
set -euo pipefail
cd "$(dirname "$0")/../.."

export LENET_PORT=${LENET_PORT:-18002} COMPOSE_PROJECT_NAME=lenet-rolling
compose=(docker compose -f deploy/compose/docker-compose.yml)
trap '"${compose[@]}" down --timeout 5 >/dev/null 2>&1 || true' EXIT

"${compose[@]}" up --build --wait --quiet-pull
.venv/bin/python -m tests.e2e.steady_clients "$LENET_PORT" "${compose[@]}"
