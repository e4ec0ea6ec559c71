# `make check` is what CI runs; the other targets are its parts. Each uses the pinned tools of .ci/.venv,
# `make test` the Python at hand.
PYTHON ?= python3

.PHONY: check lint format types imports test wheel constraints

check:
	.ci/run

lint format types imports wheel constraints:
	.ci/run $@

test:
	$(PYTHON) -m pytest $(ARGS)
