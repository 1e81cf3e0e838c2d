"""This service on Ray Serve: `python -m benchmarks.peers.ray_serve PORT`. It always has two replicas."""

import sys

import ray
from ray import serve

from deploy.ray.serve import digits

# On loopback; Ray takes 127.0.0.1 for a way to say the machine's own address.
ADDRESS = "127.0.0.2"

if __name__ == "__main__":
    # More CPUs than replicas, for what else runs on a node.
    ray.init("local", num_cpus=3, include_dashboard=False, _node_ip_address=ADDRESS, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(digits, blocking=True)
