# syntax=docker/dockerfile:1
# One image for every Airflow service. What is locked in uv.lock goes into a venv of its own, in front of what the
# base image brings along; from the base come Python, the entrypoint, dumb-init and the user `airflow` (50000:0).
# It holds no secret and no organisation's data: those come with the environment and the mounted workspace.
ARG AIRFLOW=3.3.2-python3.11

FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

# Layers by how often they change: dependencies, fonts, Revisit.
FROM apache/airflow:${AIRFLOW} AS dependencies
USER root
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON=3.11 \
    UV_PYTHON_DOWNLOADS=never \
    UV_CACHE_DIR=/root/.cache/uv \
    UV_PROJECT_ENVIRONMENT=/opt/revisit/venv
WORKDIR /build
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    --mount=type=bind,source=uv.lock,target=uv.lock \
    uv sync --locked --extra celery --no-install-project --no-dev

FROM dependencies AS fonts
COPY include/revisit/__init__.py include/revisit/errors.py revisit/
COPY include/revisit/reports/__init__.py include/revisit/reports/fonts.py revisit/reports/
RUN /opt/revisit/venv/bin/python -c "from pathlib import Path; from revisit.reports.fonts import static_fonts; static_fonts(Path('/opt/revisit/fonts'))"

FROM dependencies AS project
COPY pyproject.toml uv.lock README.md ./
COPY sql sql
COPY reports_templates reports_templates
COPY include include
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --extra celery --no-editable --no-dev

FROM apache/airflow:${AIRFLOW}
USER root
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o airflow -g root -m 0775 /workspace /opt/airflow/logs
COPY --from=project /opt/revisit/venv /opt/revisit/venv
COPY --from=fonts /opt/revisit/fonts /opt/revisit/fonts
COPY dags /opt/revisit/dags
COPY plugins /opt/revisit/plugins
ENV PATH=/opt/revisit/venv/bin:${PATH} \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/revisit/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/revisit/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    REVISIT_FONTS=/opt/revisit/fonts \
    REVISIT_WORKSPACE=/workspace \
    PYTHONDONTWRITEBYTECODE=1
USER airflow
WORKDIR /opt/airflow
# The build stops here, and not at a month's end, where the PDF renderer lacks a library. (Nothing of Airflow is run:
# its first command would write a configuration with random secrets into the image.)
RUN python -m revisit.reports.system && revisit pack list > /dev/null
