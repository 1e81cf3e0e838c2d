"""The service on Ray Serve: `serve run deploy.ray.serve:digits`. docs/how-to/ray-serve.md says when and how.

Settings come from the environment of each node. A replica is one worker.
"""

from ray import serve

from app.main import create_app

digits = serve.deployment(
    serve.ingress(create_app)(),
    name="lenet",
    num_replicas=2,
    max_ongoing_requests=1024,  # the service has limits of its own; Ray's default is 5
    health_check_period_s=1,
    health_check_timeout_s=2,
).bind()
