# An image that serves MCP over HTTP, with the offline engine and all formats.
#
#   docker build -t grok-vision-mcp .
#   docker run --rm -p 127.0.0.1:8000:8000 --read-only --tmpfs /tmp --cap-drop ALL \
#     -e GROK_VISION_PUBLIC_HOST=localhost:8000 -v "$PWD/secrets:/run/secrets:ro" grok-vision-mcp
#
# It does not start without a token, in the file secrets/token, and the names by which clients reach
# it. Every secret may lie in a file so: XAI_API_KEY_FILE=/run/secrets/xai-key. No picture of the
# container is read unless GROK_VISION_ROOTS names a folder that is mounted into it.
# On stdio, for a host to start: docker run --rm -i grok-vision-mcp serve

FROM python:3.13-slim-bookworm AS build
# The lock names every package with its hash, and uv installs nothing else.
RUN pip install --no-cache-dir uv==0.13.8
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/grok-vision \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /build
COPY LICENSE README.md pyproject.toml uv.lock ./
# Packages are a layer of their own: they change seldom.
RUN uv sync --frozen --no-dev --no-install-project \
      --extra local --extra formats --extra otel --extra redis
COPY server server
RUN uv sync --frozen --no-dev --no-editable \
      --extra local --extra formats --extra otel --extra redis

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/grok-vision grok-vision
COPY --from=build /opt/grok-vision /opt/grok-vision
# The variable of the token names a file, and holds no secret.
# hadolint ignore=DL3064
ENV PATH=/opt/grok-vision/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GROK_VISION_AUTH_TOKEN_FILE=/run/secrets/token \
    GROK_VISION_LOG_FORMAT=json \
    GROK_VISION_OUTPUT_DIR=/tmp/grok-vision
USER 10001
WORKDIR /var/lib/grok-vision
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD [ \
  "python", "-c", \
  "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health'); raise SystemExit(c.getresponse().status != 200)" \
]
ENTRYPOINT ["grok-vision-mcp"]
CMD ["serve", "--transport", "http", "--host", "0.0.0.0", "--port", "8000"]
