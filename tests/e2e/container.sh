#!/usr/bin/env bash
# Smoke test of the container: it builds, becomes healthy, answers the README's curl line, and stops in good order.
set -euo pipefail
cd "$(dirname "$0")/../.."

export PORT=${PORT:-18000} COMPOSE_PROJECT_NAME=lenet-smoke
cleanup() { docker compose down --timeout 5 >/dev/null 2>&1 || true; }
trap cleanup EXIT

docker compose up --build --wait --quiet-pull
answer=$(curl -fsS -F file=@docs/examples/seven.png "http://127.0.0.1:$PORT/predict")
echo "$answer"
expected=$(sed -n 's/^\({"digit":7,.*}\)$/\1/p' README.md)
[ -n "$expected" ] && [ "$answer" = "$expected" ] || { echo "the README promises: $expected"; exit 1; }
curl -fsS "http://127.0.0.1:$PORT/health" >/dev/null

container=$(docker compose ps --quiet lenet)
[ "$(docker inspect --format '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}' "$container")" = "lenet true" ]
docker compose stop
[ "$(docker inspect --format '{{.State.ExitCode}}' "$container")" = 0 ] || { echo "the container did not stop in good order"; exit 1; }
echo "container: built, healthy, answered, stopped with exit code 0; image $(docker image inspect lenet-digits --format '{{.Size}}' | numfmt --to=si)B"
