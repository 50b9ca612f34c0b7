# Debian's haproxy, which has security updates. The configuration is mounted: deploy/compose/compose.yaml.
ARG BASE=docker.io/library/debian:bookworm-slim
FROM ${BASE}
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends haproxy \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*
USER 65532:65532
EXPOSE 8443 8405
STOPSIGNAL SIGUSR1
# -W: a master that reloads on SIGUSR2.
ENTRYPOINT ["/usr/sbin/haproxy", "-W", "-db", "-f", "/etc/edge/haproxy.cfg"]
