#!/usr/bin/env bash
# The container with the settings of a small machine, under hostile files: it is never killed.
set -euo pipefail
cd "$(dirname "$0")/../.."

export LENET_PORT=${LENET_PORT:-18003} COMPOSE_PROJECT_NAME=lenet-small
compose=(docker compose -f docker-compose.yml -f deploy/compose/small.yml)
trap '"${compose[@]}" down --timeout 5 >/dev/null 2>&1 || true' EXIT

"${compose[@]}" up --build --wait --quiet-pull
container=$("${compose[@]}" ps --quiet lenet)
started=$(docker inspect --format '{{.State.StartedAt}} {{.State.Pid}}' "$container")
.venv/bin/python -m tests.e2e.hostile_clients "http://127.0.0.1:$LENET_PORT"
[ "$(docker inspect --format '{{.State.OOMKilled}} {{.RestartCount}}' "$container")" = "false 0" ] || { echo "the container was killed"; exit 1; }
[ "$(docker inspect --format '{{.State.StartedAt}} {{.State.Pid}}' "$container")" = "$started" ]
peak=$(docker exec "$container" awk '/VmHWM/ {print $2}' /proc/1/status)
echo "small container: not killed; the service took at most $((peak / 1024)) MiB of 512"
