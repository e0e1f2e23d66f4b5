# The image with a repository's cases: its context is the repository, or a copy of these parts of it.
#
# Needs in the context: the folder CASES with the cases; requirements.txt if they need more packages than uitest does.
ARG BASE=uitest-base

FROM ${BASE} AS pip
USER 0
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null && python3 -m venv /build

FROM ${BASE}
ARG CASES=cases
ARG PIP_INDEX_URL
USER 0
# A pattern, so that it may be missing. What uitest itself needs must not be replaced by it: pip check says so.
COPY requirements.tx[t] /tmp/requirements/
RUN --mount=from=pip,source=/build,target=/build --mount=type=secret,id=ca --mount=type=cache,target=/root/.cache/pip \
    if [ -s /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi; \
    if [ -s /tmp/requirements/requirements.txt ]; then \
        pip="/build/bin/pip --disable-pip-version-check --python /opt/uitest/bin/python"; \
        $pip install -q -r /tmp/requirements/requirements.txt && $pip check; \
    fi && rm -rf /tmp/requirements
# A source that came as a zip file may have lost its modes: nothing here relies on them.
COPY ${CASES} /opt/uitest/cases
RUN chmod -R a+rX /opt/uitest/cases
USER 993:990
# The table of modules that a run with the default store finds; it also proves that each of their cases exists.
RUN if [ -f /opt/uitest/cases/modules.json ]; then \
        uitest modules load /opt/uitest/cases/modules.json \
        && uitest run --dry-run --browser chrome,firefox,webkit >/dev/null \
        && chmod -R a+rwX .uitest; \
    fi
