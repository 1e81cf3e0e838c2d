#!/usr/bin/env bash
# Smoke test of the container: it builds, becomes healthy, answers the README's curl line, follows PORT, and stops with
# exit code 0.
set -euo pipefail
cd "$(dirname "$0")/../.."

export LENET_PORT=${LENET_PORT:-18000} COMPOSE_PROJECT_NAME=lenet-smoke
port_of_platform=18001
cleanup() {
    docker compose down --timeout 5 >/dev/null 2>&1 || true
    docker rm --force lenet-smoke-port >/dev/null 2>&1 || true
}
trap cleanup EXIT

docker compose up --build --wait --quiet-pull
answer=$(curl -fsS -F file=@docs/examples/seven.png "http://127.0.0.1:$LENET_PORT/predict")
echo "$answer"
expected=$(sed -n 's/^\({"digit":7,.*}\)$/\1/p' README.md)
[ -n "$expected" ] && [ "$answer" = "$expected" ] || { echo "the README promises: $expected"; exit 1; }
curl -fsS "http://127.0.0.1:$LENET_PORT/health" >/dev/null
# Metrics are counted in a read-only container too.
curl -fsS -H 'Accept: text/plain' "http://127.0.0.1:$LENET_PORT/metrics" \
    | grep -q '^lenet_http_requests_total{code="",route="/predict",status="200"} 1' || { echo "the request was not counted"; exit 1; }

container=$(docker compose ps --quiet lenet)
[ "$(docker inspect --format '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}' "$container")" = "lenet true" ]
docker compose stop
[ "$(docker inspect --format '{{.State.ExitCode}}' "$container")" = 0 ] || { echo "the container did not exit with 0"; exit 1; }

docker run --detach --name lenet-smoke-port --env PORT=9123 --publish "127.0.0.1:$port_of_platform:9123" lenet-digits >/dev/null
for _ in $(seq 120); do
    health=$(docker inspect --format '{{.State.Health.Status}}' lenet-smoke-port)
    [ "$health" != starting ] && break
    sleep 0.5
done
[ "$health" = healthy ] || { echo "with PORT the container is $health"; docker logs lenet-smoke-port; exit 1; }
curl -fsS "http://127.0.0.1:$port_of_platform/health" >/dev/null

echo "container: built, healthy, answered, followed PORT, stopped with exit code 0; image $(docker image inspect lenet-digits --format '{{.Size}}' | numfmt --to=si)B"
