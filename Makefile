# Everything a person types. Needs Python 3.11 or newer with venv and pip, and make.
PYTHON ?= python3
UV := .uv/bin/uv
RUN := .venv/bin
WORKSPACE ?= .revisit/demo
EVENTS ?= 6000
export UV_PYTHON_DOWNLOADS = never
export UV_SYSTEM_CERTS = true
export UV_PROJECT_ENVIRONMENT = .venv

.PHONY: help demo test check fix bench up down
help: ## What can be typed
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(UV):
	$(PYTHON) -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'

.venv/ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --locked --extra celery --compile-bytecode --python $(PYTHON)
	$(RUN)/python -m revisit.reports.system && touch .venv/ready

demo: .venv/ready ## The sample organisation's month through Airflow (ONCE=1 leaves after the summary, WAIT=1 lets you approve)
	$(RUN)/revisit demo --workspace $(WORKSPACE) --events $(EVENTS) $(if $(ONCE),--once) $(if $(WAIT),--wait)

test: .venv/ready ## All tests
	$(RUN)/python -m pytest $(ARGS)

check: .venv/ready ## Formatting, lint, types, SQL, YAML, templates, layers; never writes
	$(RUN)/ruff check . && $(RUN)/ruff format --check . && $(RUN)/mypy && $(RUN)/lint-imports
	$(RUN)/sqlfluff lint --nocolor -q sql include/config && $(RUN)/yamllint -s . && $(RUN)/djlint --quiet --lint reports_templates

fix: .venv/ready ## What a machine can mend
	$(RUN)/ruff check --fix . ; $(RUN)/ruff format . ; $(RUN)/sqlfluff fix -q sql include/config

bench: .venv/ready ## Ratios to the physical limit, printed and kept in bench/
	$(RUN)/python -m bench.run $(ARGS)

up: .venv/ready ## Run a workspace of your own with its schedules (WORKSPACE=folder)
	$(RUN)/revisit up --workspace $(WORKSPACE)

down: .venv/ready ## Stop what demo or up left running
	$(RUN)/revisit down --workspace $(WORKSPACE)
