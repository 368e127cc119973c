# The web application and its worker, for one server. Build: docker build -t khotail . ; run: see compose.yaml
FROM python:3.11-slim AS build
RUN pip install --no-cache-dir --disable-pip-version-check uv
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE NOTICE ./
ENV UV_PROJECT_ENVIRONMENT=/opt/khotail UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
# Dependencies first: they change less often than the code.
RUN uv sync --frozen --no-dev --extra web --no-install-project
COPY src src
RUN uv sync --frozen --no-dev --extra web --no-editable

FROM python:3.11-slim
# pg_dump for khotail backup; fonts for the notices in PDF.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends postgresql-client fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/khotail khotail \
    && install -d -o khotail -g khotail -m 0700 /var/lib/khotail/home
COPY --from=build /opt/khotail /opt/khotail
ENV PATH=/opt/khotail/bin:$PATH KHOTAIL_HOME=/var/lib/khotail/home PYTHONUNBUFFERED=1
USER khotail
WORKDIR /var/lib/khotail
VOLUME /var/lib/khotail/home
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["khotail", "web", "--host", "0.0.0.0", "--port", "8000"]
