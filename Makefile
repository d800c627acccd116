# Two words do all: `make demo` and `make test`. The machine is made ready first (setup/ready.py).
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out

.PHONY: ready screen demo test prove lint bench lock

ready:
	@$(PYTHON) setup/ready.py

screen:  # a screen for windows that tests open, hands to press their keys, and eyes that read words
	@$(PYTHON) setup/ready.py --also xvfb xdotool openbox x11-utils \
	  tesseract-ocr tesseract-ocr-ell tesseract-ocr-ara

demo: ready  ## 8 s of the sculpture breathing Beijing's air, and where it lies
	@mkdir -p $(OUT)
	@$(BIN)/bioart export neo-lumen $(OUT)/neo-lumen.mp4 --seconds 8 --fps 24 --size 960x540 --input rehearsal:40

test: screen  ## lint, types and the tests: at most 15 minutes on 2 cores
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet . && $(BIN)/mypy
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not prove" --durations=8

prove: screen  ## the slow proofs: at most 35 minutes; what runs against the clock last, and alone
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m prove --durations=8 --ignore tests/stage; first=$$?; \
	$(BIN)/python -m pytest -q -m prove --durations=8 tests/stage && exit $$first

lint: ready
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format . && $(BIN)/mypy

bench: ready
	@$(BIN)/bioart bench

lock:  ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate \
	  --no-header --extra dev pyproject.toml -o requirements.lock
