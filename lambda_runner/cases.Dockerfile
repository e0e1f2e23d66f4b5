# The image with a user's repository and its cases. Its context is what "uitest image --context" writes: the repository in
# the folder "project"; in "requirements" those of its files that pip reads, if it has a requirements.txt.
ARG BASE=uitest-base

FROM ${BASE} AS pip
USER 0
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null && python3 -m venv /build

FROM ${BASE}
ARG CASES=cases
ARG PIP_INDEX_URL
USER 0
WORKDIR /work
# Before the rest, so that packages are installed again only when these files change. A pattern, so that they may be
# missing. What uitest itself needs must not be replaced by what they name: pip check says so.
COPY requirement[s] ./
RUN --mount=from=pip,source=/build,target=/build --mount=type=secret,id=ca --mount=type=cache,target=/root/.cache/pip \
    if [ -s /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi; \
    if [ -s requirements.txt ]; then \
        pip="/build/bin/pip --disable-pip-version-check --python /opt/uitest/bin/python"; \
        $pip install -q -r requirements.txt && $pip check; \
    fi
COPY project ./
# A source that came as a zip file may have lost its modes: nothing here relies on them.
RUN chmod -R a+rX . && chmod 1777 .
ENV UITEST_PROJECT=/work UITEST_CASES="/work/${CASES}"
USER 993:990
# The table of modules that a run with the default store finds; it also proves that each of their cases exists. Settings of
# the repository do not count here, as its store may be in an account.
RUN if [ -f "$UITEST_CASES/modules.json" ]; then \
        export UITEST_STORE=sqlite:.uitest/uitest.db UITEST_EXECUTOR=local \
        && uitest modules load "$UITEST_CASES/modules.json" \
        && uitest run --dry-run --browser chrome,firefox,webkit >/dev/null \
        && chmod -R a+rwX .uitest; \
    fi
