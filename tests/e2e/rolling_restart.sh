#!/usr/bin/env bash
# A rolling restart of replicas behind HAProxy under load: no request fails.
set -euo pipefail
cd "$(dirname "$0")/../.."

export LENET_PORT=${LENET_PORT:-18002} COMPOSE_PROJECT_NAME=lenet-rolling
compose=(docker compose -f deploy/compose/docker-compose.yml)
replicas=${REPLICAS:-2}
trap '"${compose[@]}" down --timeout 5 >/dev/null 2>&1 || true' EXIT

"${compose[@]}" up --build --wait --quiet-pull --scale "lenet=$replicas"
old=$("${compose[@]}" ps --quiet lenet)
.venv/bin/python -m tests.e2e.steady_clients "$LENET_PORT" deploy/compose/replace.sh
new=$("${compose[@]}" ps --quiet lenet)
[ "$(wc -w <<<"$new")" = "$replicas" ]
if grep -qF "$old" <<<"$new"; then echo "a replica was not replaced"; exit 1; fi
