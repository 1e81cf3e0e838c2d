# Two images: `full`, the default, with torch, and `slim` without it, which serves on the CPU alone.
# The CPU build of torch is a tenth of the size; docker-compose.gpu.yml asks for the other one.
ARG TORCH_VERSION=2.13.0+cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu


FROM python:3.11-slim AS packages

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/venv/bin:$PATH
RUN python -m venv /opt/venv
WORKDIR /src
# `make lock` writes the locks: the hash of every file that is installed. Only torch is not in them, whose builds differ.
COPY requirements.lock .
RUN pip install --no-compile --require-hashes --only-binary :all: --requirement requirements.lock


FROM packages AS project

COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .


FROM packages AS packages-with-torch

COPY requirements-torch.lock .
RUN pip install --no-compile --require-hashes --only-binary :all: --requirement requirements-torch.lock
ARG TORCH_VERSION
ARG TORCH_INDEX
RUN pip install --no-compile ${TORCH_INDEX:+--extra-index-url $TORCH_INDEX} torch==$TORCH_VERSION \
 # Headers and tests are for building extensions.
 && rm -rf /opt/venv/lib/python3.11/site-packages/torch/include /opt/venv/lib/python3.11/site-packages/torch/test \
 && find /opt/venv/lib/python3.11/site-packages/torch/bin -type f ! -name torch_shm_manager -delete


# pip is useless in a read-only file system, and so is what packages bring for their own tests, for type checkers and for
# building others.
# The check, and the import of what serves, compile what they import, and nothing else.
FROM packages AS slim-build
RUN --mount=from=project,source=/wheels,target=/wheels pip install --no-compile --no-deps /wheels/*.whl \
 && pip uninstall --yes pip setuptools \
 && cd /opt/venv/lib/python3.11/site-packages \
 && find . -name tests -type d -prune -exec rm -rf {} + \
 && find . \( -name '*.pyi' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' \) -delete \
 && rm -rf onnxruntime/quantization onnxruntime/tools onnxruntime/transformers numpy/f2py numpy/distutils \
 && python -m app check && python -c 'import app.commands.service_process'

FROM packages-with-torch AS full-build
RUN --mount=from=project,source=/wheels,target=/wheels pip install --no-compile --no-deps /wheels/*.whl \
 && pip uninstall --yes pip \
 && LENET_ENGINE=torch python -m app check && python -c 'import app.commands.service_process'


FROM python:3.11-slim AS runtime

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin lenet
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LENET_HOST=0.0.0.0
WORKDIR /srv
USER lenet
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=1s \
    CMD python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:${LENET_PORT:-${PORT:-8000}}/health/ready', timeout=4)"
# Cloud Run, Heroku and others say by PORT where to listen.
CMD ["sh", "-c", "LENET_PORT=${LENET_PORT:-${PORT:-8000}} exec python -m app"]


FROM runtime AS slim
COPY --from=slim-build /opt/venv /opt/venv

FROM runtime AS full
COPY --from=full-build /opt/venv /opt/venv
