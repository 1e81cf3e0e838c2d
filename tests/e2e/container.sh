#!/usr/bin/env bash
# Smoke test of both images: they build, become healthy, answer the README's curl line, and stop with exit code 0; the
# full one follows PORT, and the slim one refuses torch.
set -euo pipefail
cd "$(dirname "$0")/../.."

export LENET_PORT=${LENET_PORT:-18000} COMPOSE_PROJECT_NAME=lenet-smoke
port_of_platform=18001
cleanup() {
    docker compose down --timeout 5 >/dev/null 2>&1 || true
    docker rm --force lenet-smoke-port >/dev/null 2>&1 || true
}
trap cleanup EXIT
fail() { echo "$1"; exit 1; }

try() { # the image of a target
    export LENET_TARGET=$1
    docker compose up --build --wait --quiet-pull
    answer=$(curl -fsS -F file=@docs/examples/seven.png "http://127.0.0.1:$LENET_PORT/predict")
    expected=$(sed -n 's/^\({"digit":7,.*}\)$/\1/p' README.md)
    [ -n "$expected" ] && [ "$answer" = "$expected" ] || fail "$answer, but the README promises: $expected"
    curl -fsS "http://127.0.0.1:$LENET_PORT/health" >/dev/null
    # Metrics are counted in a read-only container too.
    wanted='lenet_http_requests_total{code="",route="/predict",status="200"} 1.0'
    for _ in $(seq 50); do # the workers' counts are up to a second old
        counted=$(curl -fsS -H 'Accept: text/plain' "http://127.0.0.1:$LENET_PORT/metrics")
        case $counted in *"$wanted"*) break ;; esac
        sleep 0.1
    done
    case $counted in *"$wanted"*) ;; *) fail "the request was not counted" ;; esac
    container=$(docker compose ps --quiet lenet)
    [ "$(docker inspect --format '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}' "$container")" = "lenet true" ]
    docker compose stop
    [ "$(docker inspect --format '{{.State.ExitCode}}' "$container")" = 0 ] || fail "the container did not exit with 0"
    size=$(docker image inspect "lenet-digits:$1" --format '{{.Size}}')
    echo "$1: built, healthy, answered, stopped with exit code 0; $(numfmt --to=si "$size")B"
}

first_answer() { # of a target, in seconds from `docker run`
    begun=$(date +%s%N)
    docker run --detach --name lenet-smoke-port --env PORT=9123 --publish "127.0.0.1:$port_of_platform:9123" "lenet-digits:$1" >/dev/null
    until curl -fsS -F file=@docs/examples/seven.png "http://127.0.0.1:$port_of_platform/predict" >/dev/null 2>&1; do sleep 0.05; done
    echo "$1: first answer $((($(date +%s%N) - begun) / 1000000)) ms after docker run"
}

try full
full_answer=$answer
try slim
[ "$answer" = "$full_answer" ] || fail "the images answer differently"
[ "$size" -le 550000000 ] || fail "the slim image has more than 550 MB"
refusal=$(docker run --rm --env LENET_ENGINE=torch lenet-digits:slim lenet check 2>&1 || true)
case $refusal in "lenet: "*"needs torch, which is not installed"*) ;; *) fail "slim with torch: $refusal" ;; esac

first_answer slim
docker rm --force lenet-smoke-port >/dev/null
first_answer full
for _ in $(seq 120); do
    health=$(docker inspect --format '{{.State.Health.Status}}' lenet-smoke-port)
    [ "$health" != starting ] && break
    sleep 0.5
done
[ "$health" = healthy ] || { docker logs lenet-smoke-port; fail "with PORT the container is $health"; }
echo "containers: both are well"
