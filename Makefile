# Two commands:  make run   the app        make test   the tests
# Each makes the virtual environment and installs what is missing first.

PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
MODEL := assets/models/mobilenet_ssd.onnx
# What the model is made from; `make run WEIGHTS=path` names another file.
WEIGHTS ?= $(wildcard assets/weights/*.keras)

.PHONY: run test check format model bench torture clean help

help:
	@echo "make run      the app: first camera, else the bundled clip; without a display, an annotated file"
	@echo "make test     all tests"
	@echo "make check    format, lint and types"
	@echo "make model    $(MODEL) from WEIGHTS=file"
	@echo "make bench    measure everything beside its peers: docs/performance/ (ARGS=--quick, --long)"
	@echo "make torture  fuzz, soak and kill: docs/torture/ (ARGS=--quick, --long)"
	@echo "make clean    removes the environment and what was built"

run: $(VENV)/run.stamp $(MODEL)
	$(BIN)/python main.py $(ARGS)

test: $(VENV)/dev.stamp
	@tools/system-libs --tests
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

model: $(VENV)/run.stamp
	$(BIN)/python build_model.py convert "$(WEIGHTS)" -o $(MODEL)

bench: $(VENV)/bench.stamp $(MODEL)
	@tools/system-libs --tests
	$(BIN)/python -m benchmarks $(ARGS)

torture: $(VENV)/bench.stamp $(MODEL)
	@tools/system-libs --tests
	$(BIN)/python -m torture $(ARGS)

$(MODEL): $(WEIGHTS) | $(VENV)/run.stamp
	$(BIN)/python build_model.py convert "$(WEIGHTS)" -o $@

# The dev environment holds the run environment, so it serves for both.
$(VENV)/run.stamp: requirements.txt requirements-runtime.txt | $(VENV)/pyvenv.cfg
	@tools/system-libs
	$(BIN)/python -m pip install -q -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-openvino.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install -q -r requirements-dev.txt
	@touch $@

$(VENV)/bench.stamp: requirements-bench.txt $(VENV)/dev.stamp
	$(BIN)/python -m pip install -q -r requirements-bench.txt
	-$(BIN)/python -m pip install -q --no-deps "pnnx>=20250530"
	@touch $@

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: sudo apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing: sudo apt-get install python3-venv"; exit 2; }

clean:
	rm -rf $(VENV) $(MODEL)
