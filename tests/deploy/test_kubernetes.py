"""deploy/kubernetes: valid, and what validators miss: its parts fit one another and the service."""

import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from fastapi.testclient import TestClient

from app.commands.service_process import GRACE_SECONDS
from app.observability.service_metrics import ServiceMetrics
from app.observability.worker_slots import FILE_BYTES
from app.runtime.server import IDLE_SECONDS
from app.settings import Settings
from tests.deploy.manifests import (
    KUBERNETES,
    Manifest,
    container_of,
    in_bytes,
    needs_kubectl,
    one,
    render,
    render_own,
    settings_of,
)
from tests.doc_pages import ROOT, blocks

DOCKERFILE = (ROOT / "Dockerfile").read_text()
OWN = "../lenet/deploy/kubernetes"  # as seen from an overlay of a reader's own
OLDEST = "1.34"  # since which a pod may sleep before its end without a command in its image

# Bytes that a worker takes at rest, by `python -m benchmarks.footprint`, and at most on top of that for the largest
# pictures, by `python -m benchmarks.limits --only pictures`. docs/explanation/performance.md has the figures.
REST = 127_000_000
LARGEST_PICTURES = 212_000_000
# The peak of a worker with the small settings, by tests/e2e/small_container.sh.
SMALL_PEAK = 414 << 20
# What a worker takes beside its budgets: docs/how-to/operate.md.
WORKER = 100_000_000

pytestmark = needs_kubectl


@pytest.fixture(scope="module", params=["small", "production", "reader's own"])
def manifests(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    if request.param == "reader's own":
        [text] = blocks("docs/how-to/kubernetes.md", "yaml")
        return render_own(tmp_path_factory.mktemp("own"), text)
    return render(KUBERNETES / "overlays" / request.param)


@pytest.mark.parametrize("version", [OLDEST, kubernetes_validate.latest_version()])
def test_kubernetes_accepts_them(manifests: list[Manifest], version: str) -> None:
    for manifest in manifests:
        if manifest["kind"] != "ServiceMonitor":  # the Prometheus operator's own; its shape is tested below
            kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("name", ["weights-volume", "weights-image"])
def test_own_weights_are_where_the_service_looks(name: str, tmp_path: Path) -> None:
    own = f"resources: [{OWN}/overlays/small]\ncomponents: [{OWN}/components/{name}]\n"
    manifests = render_own(tmp_path, own)
    kubernetes_validate.validate(one(manifests, "Deployment"), OLDEST, strict=True)
    [mount] = [mount for mount in container_of(manifests)["volumeMounts"] if mount["name"] == "weights"]
    [workdir] = re.findall(r"^WORKDIR (\S+)\nUSER", DOCKERFILE, re.M)
    assert mount["mountPath"] == str(Path(workdir) / Settings.model_fields["artifacts"].default)
    assert mount["readOnly"]


def test_every_selector_finds_the_pods(manifests: list[Manifest]) -> None:
    deployment = one(manifests, "Deployment")["spec"]
    pod = deployment["template"]["metadata"]["labels"].items()
    selectors = [
        deployment["selector"]["matchLabels"],
        one(manifests, "Service")["spec"]["selector"],
        one(manifests, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        one(manifests, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        *[
            spread["labelSelector"]["matchLabels"]
            for spread in deployment["template"]["spec"]["topologySpreadConstraints"]
        ],
    ]
    for selector in selectors:
        assert selector
        assert selector.items() <= pod
    target = one(manifests, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", one(manifests, "Deployment")["metadata"]["name"])


def test_the_ports_are_the_services(manifests: list[Manifest]) -> None:
    [port] = container_of(manifests)["ports"]
    exposed = int(re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.M)[0])
    assert port["containerPort"] == exposed == Settings.model_fields["port"].default
    [service_port] = one(manifests, "Service")["spec"]["ports"]
    assert service_port["targetPort"] == port["name"]
    [rule] = one(manifests, "NetworkPolicy")["spec"]["ingress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": port["name"]}]


def test_the_probes_ask_for_what_the_service_answers(manifests: list[Manifest], client: TestClient) -> None:
    container = container_of(manifests)
    paths = []
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        get = container[name]["httpGet"]
        assert get["port"] == container["ports"][0]["name"]
        assert client.get(get["path"]).status_code == 200
        paths.append(get["path"])
    assert paths == ["/health/ready", "/health/ready", "/health/live"]


def test_memory_exceeds_what_was_measured(manifests: list[Manifest]) -> None:
    resources = container_of(manifests)["resources"]
    memory = in_bytes(resources["limits"]["memory"])
    assert resources["requests"]["memory"] == resources["limits"]["memory"]
    settings = Settings.model_validate(defaults_and(settings_of(manifests)))
    assert memory > settings.processes * (WORKER + settings.max_decoded_bytes + settings.max_held_bytes)
    assert memory > REST + LARGEST_PICTURES
    assert memory > SMALL_PEAK


def test_the_tmpfs_holds_the_workers_metrics(manifests: list[Manifest]) -> None:
    pod = one(manifests, "Deployment")["spec"]["template"]["spec"]
    [volume] = [volume for volume in pod["volumes"] if "emptyDir" in volume]
    assert volume["emptyDir"]["medium"] == "Memory"
    size = in_bytes(volume["emptyDir"]["sizeLimit"])
    assert size >= 8 * sum(FILE_BYTES.values())
    [mount] = [mount for mount in container_of(manifests)["volumeMounts"] if mount["name"] == volume["name"]]
    assert mount["mountPath"] == "/dev/shm"  # noqa: S108 - see app/observability/worker_slots.py


def test_every_variable_is_a_setting_with_a_value_that_it_may_have(manifests: list[Manifest]) -> None:
    settings = settings_of(manifests)
    assert settings.keys() <= set(Settings.variables().values())
    assert Settings.model_validate(defaults_and(settings)).processes == 1


def test_a_pod_is_not_killed_before_it_has_drained(manifests: list[Manifest]) -> None:
    container = container_of(manifests)
    drain = float(settings_of(manifests)["LENET_DRAIN_SECONDS"])
    before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert drain > 0
    assert before > 0
    grace = one(manifests, "Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert grace > before + drain + IDLE_SECONDS + GRACE_SECONDS


def test_a_pod_may_do_nothing_that_it_does_not_need(manifests: list[Manifest]) -> None:
    pod = one(manifests, "Deployment")["spec"]["template"]["spec"]
    [uid] = re.findall(r"useradd --uid (\d+) .* lenet$", DOCKERFILE, re.M)
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == int(uid)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not pod["automountServiceAccountToken"]
    assert container_of(manifests)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    policy = one(manifests, "NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in policy


def test_every_mount_has_its_volume_and_the_keys_are_under_the_path_that_is_set(manifests: list[Manifest]) -> None:
    volumes = {volume["name"]: volume for volume in one(manifests, "Deployment")["spec"]["template"]["spec"]["volumes"]}
    mounts = {mount["name"]: mount for mount in container_of(manifests)["volumeMounts"]}
    assert mounts.keys() == volumes.keys()
    path = settings_of(manifests).get("LENET_API_KEYS_FILE")
    assert (path is None) == ("keys" not in volumes)
    if path:
        assert path == f"{mounts['keys']['mountPath']}/keys.txt"
        assert "--from-file=keys.txt" in (KUBERNETES / "components/keys/kustomization.yaml").read_text()
        assert volumes["keys"]["secret"]["secretName"] == "lenet-keys"


def test_the_autoscaler_asks_for_a_metric_that_the_service_exports_and_the_adapter_supplies() -> None:
    gauges = {metric.name for metric in ServiceMetrics().registry.collect() if metric.type == "gauge"}
    metrics = one(render(KUBERNETES / "overlays/production"), "HorizontalPodAutoscaler")["spec"]["metrics"]
    [name] = [metric["pods"]["metric"]["name"] for metric in metrics if metric["type"] == "Pods"]
    assert name in gauges
    adapter = yaml.safe_load((KUBERNETES / "prometheus-adapter.yaml").read_text())
    assert [rule["seriesQuery"].split("{")[0] for rule in adapter["rules"]["custom"]] == [name]


def test_prometheus_scrapes_every_pod(client: TestClient) -> None:
    manifests = render(KUBERNETES / "overlays/production")
    monitor, service = one(manifests, "ServiceMonitor"), one(manifests, "Service")
    assert monitor["apiVersion"] == "monitoring.coreos.com/v1"
    assert monitor["spec"].keys() == {"selector", "endpoints"}
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    [endpoint] = monitor["spec"]["endpoints"]
    assert endpoint.keys() == {"port", "path", "interval"}
    assert endpoint["port"] in [port["name"] for port in service["spec"]["ports"]]
    text = client.get(endpoint["path"], headers={"Accept": "text/plain"}).text
    assert "lenet_waiting_pictures" in text
    [job] = set(re.findall(r'job="(\w+)"', (ROOT / "deploy/monitoring/alerts.yml").read_text()))
    assert service["metadata"]["name"] == job


def defaults_and(variables: dict[str, str]) -> dict[str, str]:
    """The arguments of `Settings` that an environment of these variables has."""
    names = {variable: name for name, variable in Settings.variables().items()}
    return {names[variable]: value for variable, value in variables.items()}
