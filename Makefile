# Two commands: `make run` (the sample company, from sources to published tables) and `make test`.
DATA    ?= data
SCALE   ?= s
SOURCES ?= $(DATA)/sample
PYTHON  ?= python3
TESTS   ?= tests
# Two processes: a whole run of the job takes one core and a bit.
PYTEST  := -m pytest -n 2 --dist loadscope --no-loadscope-reorder
BIN     := .venv/bin

.PHONY: run test test-whole dev docs lint install clean

run: install $(if $(filter $(DATA)/sample,$(SOURCES)),$(DATA)/sample/.made-$(SCALE))
	@$(BIN)/naruki run --sources $(SOURCES) --home $(DATA)

test: install
	@$(BIN)/python $(PYTEST) -m "not whole" $(TESTS)

# What takes several whole runs of the job: looking back, late data, Postgres and notifications.
test-whole: install
	@$(BIN)/python $(PYTEST) -m whole $(TESTS)

dev: install $(DATA)/sample/.made-$(SCALE)
	@mkdir -p $(DATA)/dagster
	@NARUKI_HOME=$(abspath $(DATA)) NARUKI_SOURCES=$(abspath $(SOURCES)) DAGSTER_HOME=$(abspath $(DATA)/dagster) \
		DAGSTER_TELEMETRY=off DO_NOT_TRACK=1 $(BIN)/dagster dev -m orchestration.definitions

docs: install
	@$(BIN)/naruki docs --home $(DATA)

lint: install
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

install: .venv/.installed

.venv/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing (full pins, checked by hash) …"
	@if command -v uv >/dev/null; then \
		uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
		$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock && \
		$(BIN)/pip install --quiet --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

$(DATA)/sample/.made-$(SCALE): | install
	@rm -rf $(DATA)/sample
	@$(BIN)/naruki sample --scale $(SCALE) --out $(DATA)/sample
	@touch $@

clean:
	rm -rf $(DATA)
