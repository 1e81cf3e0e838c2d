#!/usr/bin/env bash
# Replaces every replica by a new container, one after another, each once a new one is healthy. No request fails.
set -euo pipefail

compose=(docker compose -f "$(dirname "$0")/docker-compose.yml")
mapfile -t old < <("${compose[@]}" ps --quiet lenet)
[ ${#old[@]} -gt 0 ] || { echo "no replica runs"; exit 1; }
for container in "${old[@]}"; do
    "${compose[@]}" up --detach --no-deps --no-build --no-recreate --wait --scale lenet=$((${#old[@]} + 1)) lenet
    docker stop "$container" # it drains
    docker rm "$container"
done
