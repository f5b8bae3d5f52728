# Two commands:  make run   the app        make test   the tests
# Each makes the virtual environment and installs what is missing first.

PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
# The model that ships, as float32 and as int8; `make model` makes both anew.
MODEL := assets/models/mobilenet_ssd.onnx
WEIGHTS ?= $(wildcard assets/weights/*.keras)

.PHONY: languages run test check format model dist check-install bench torture camera-test mutants test-remote install-desktop clean help

help:
	@echo "make run      the app: its window asks what to watch; without a display, an annotated file"
	@echo "make test     all tests"
	@echo "make check    format, lint and types"
	@echo "make model    the model of the app from WEIGHTS=file (the bundled ones); installs TensorFlow"
	@echo "make dist     wheel and sdist in dist/; make check-install tries them elsewhere"
	@echo "make bench    measure everything beside its peers: docs/performance/ (ARGS=--quick, --long)"
	@echo "make torture  fuzz, soak and kill: docs/torture/ (ARGS=--quick, --long)"
	@echo "make camera-test  cameras through Linux' own drivers, in a virtual machine: tests/real_cameras/"
	@echo "make test-remote  our client beside KServe, a server that is not ours: tests/foreign_servers/"
	@echo "make mutants  what share of small faults the tests of ROOM=app/pipeline notice (MAX=50, SEED=0)"
	@echo "make install-desktop  the app among this desktop's applications"
	@echo "make languages  the window's texts into app/gui/languages/*.ts, for Qt Linguist; lists what is untranslated"
	@echo "make clean    removes the environment and what was built"

run: $(VENV)/run.stamp
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

model: $(VENV)/train.stamp
	$(BIN)/python build_model.py convert "$(WEIGHTS)" -o $(MODEL) --int8

dist: $(VENV)/dev.stamp
	@rm -rf dist
	$(BIN)/python -m build -q --outdir dist .

check-install: dist
	tools/check-install dist

bench: $(VENV)/bench.stamp
	@tools/system-libs --tests
	$(BIN)/python -m benchmarks $(ARGS)

torture: $(VENV)/bench.stamp
	@tools/system-libs --tests
	$(BIN)/python -m torture $(ARGS)

camera-test: $(VENV)/dev.stamp
	@tools/system-libs --tests
	$(BIN)/python -m tests.real_cameras.host $(ARGS)

# With the app's own ONNX Runtime: another one may round otherwise.
KSERVE := .venv-kserve
test-remote: $(VENV)/dev.stamp $(KSERVE)/stamp
	$(BIN)/python -m pytest -c tests/foreign_servers/pytest.ini tests/foreign_servers/contract.py $(ARGS)

$(KSERVE)/stamp: requirements-kserve.txt | $(VENV)/dev.stamp
	@$(PYTHON) -m venv $(KSERVE)
	$(KSERVE)/bin/python -m pip install -q -r requirements-kserve.txt "onnxruntime==$$($(BIN)/python -c 'import onnxruntime; print(onnxruntime.__version__)')"
	@touch $@

ROOM ?= app/pipeline
MAX ?= 50
SEED ?= 0
MUTANTS := .venv-mutants
mutants: $(VENV)/dev.stamp $(MUTANTS)/stamp
	$(MUTANTS)/bin/python tools/mutants.py $(ROOM) --max $(MAX) --seed $(SEED) --python $(abspath $(BIN)/python) $(ARGS)

$(MUTANTS)/stamp: requirements-mutants.txt | $(VENV)/pyvenv.cfg
	@$(PYTHON) -m venv $(MUTANTS)
	$(MUTANTS)/bin/python -m pip install -q -r requirements-mutants.txt
	@touch $@

# One environment, that grows: the app, then the model build, the tests, the peers.
$(VENV)/run.stamp: requirements-runtime.txt | $(VENV)/pyvenv.cfg
	@tools/system-libs
	$(BIN)/python -m pip install -q -r requirements-runtime.txt
	@touch $@

$(VENV)/train.stamp: requirements.txt requirements-train.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install -q -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-openvino.txt $(VENV)/train.stamp
	$(BIN)/python -m pip install -q -r requirements-dev.txt
	@touch $@

$(VENV)/bench.stamp: requirements-bench.txt $(VENV)/dev.stamp
	$(BIN)/python -m pip install -q -r requirements-bench.txt
	-$(BIN)/python -m pip install -q --no-deps "pnnx>=20250530"
	@touch $@

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: sudo apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing: sudo apt-get install python3-venv"; exit 2; }

# An entry among the desktop's applications, for this user.
install-desktop: $(VENV)/run.stamp
	@tools/install-desktop $(abspath $(BIN)/python) $(abspath main.py)

languages: $(VENV)/dev.stamp
	@tools/languages $(BIN)

clean:
	rm -rf $(VENV) $(MUTANTS) $(KSERVE) dist
