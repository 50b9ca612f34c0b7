# Debian's Prometheus. The configuration is mounted: deploy/compose/compose.yaml.
ARG BASE=docker.io/library/debian:bookworm-slim
FROM ${BASE}
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends prometheus \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
    && chown 65532:65532 /var/lib/prometheus
USER 65532:65532
EXPOSE 9090
ENTRYPOINT ["/usr/bin/prometheus", "--config.file=/etc/prometheus/prometheus.yml"]
CMD ["--storage.tsdb.path=/var/lib/prometheus", "--storage.tsdb.retention.time=15d"]
