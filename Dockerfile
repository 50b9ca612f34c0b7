# The daemon's image: docs/ops/image.md says how to build, run and check it. scripts/image-test does all three.
#
# Needs Debian's packages and nothing else. The stages: build (compilers), packages (the base and the shared libraries
# that the programs need), sbom (the list of what is in the image), and the last one, which is the image.
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY scripts/install-deps scripts/lib.sh scripts/
RUN scripts/install-deps build
COPY . .
# Hardening as Debian builds its own packages, and bounds checks in the standard library. The cache is for the next
# build on the same machine; nothing of it gets into the image.
RUN --mount=type=cache,target=/root/.cache/ccache \
    export CCACHE_DIR=/root/.cache/ccache \
    && cmake --preset release \
      -DTENSORD_BUILD_TESTS=OFF \
      -DCMAKE_INSTALL_PREFIX=/usr \
      -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
      -DCMAKE_CXX_FLAGS="-D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong -fstack-clash-protection \
          -fcf-protection" \
      -DCMAKE_EXE_LINKER_FLAGS="-pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed" \
    && . scripts/lib.sh \
    && cmake --build --preset release -j "$(job_count)" --target tensord tensorctl \
    && DESTDIR=/out cmake --install build/release --component tensord_programs --strip
RUN deploy/image/runtime-packages /out/usr/bin/tensord /out/usr/bin/tensorctl >/out/packages

FROM ${BASE} AS packages
COPY --from=build /out/packages /tmp/packages
# The versions are those of the Debian release with its security updates: a pinned one would keep a fixed hole open.
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive xargs -a /tmp/packages apt-get install -y --no-install-recommends \
    && rm -rf /tmp/packages /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/cache/ldconfig/* \
      /var/lib/dpkg/*-old /var/log/*

FROM build AS sbom
ARG VERSION=0.1.0
COPY --from=packages /var/lib/dpkg/status /sbom/status
RUN deploy/image/make-sbom --status /sbom/status --version "${VERSION}" \
      --programs /out/usr/bin/tensord /out/usr/bin/tensorctl \
      --built-in libeigen3-dev libcli11-dev libonnx-dev nlohmann-json3-dev --output /sbom/sbom.spdx.json

FROM packages
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="tensord" \
      org.opencontainers.image.description="The reference desk for convolutional layers, as a gRPC service" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
COPY --from=build /src/LICENSE /usr/share/doc/tensord/copyright
COPY --from=sbom /sbom/sbom.spdx.json /usr/share/doc/tensord/sbom.spdx.json
COPY --from=build /out/usr/bin/tensord /out/usr/bin/tensorctl /usr/bin/
# The Unix socket is for the health check, which so needs neither certificate nor token. /dev/shm is the one folder that
# every engine lets a process write to, also where the root file system is read-only.
ENV TENSORD_LISTEN=0.0.0.0:50051,unix:/dev/shm/tensord.sock \
    TENSORD_METRICS_LISTEN=0.0.0.0:9464 \
    TENSORCTL_SERVER=unix:/dev/shm/tensord.sock
USER 65532:65532
EXPOSE 50051 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 \
    CMD ["/usr/bin/tensorctl", "--deadline", "4s", "health"]
ENTRYPOINT ["/usr/bin/tensord"]
