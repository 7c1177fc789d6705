.PHONY: help install demo test soak fuzz lint bench docs clean

help:     ## show this list
	@sed -n 's/^\([a-z]*\): *## */\1\t/p' Makefile

install:  ## a .venv with all that tests and demo need
	@scripts/install

demo:     ## the whole thread on real input: ingest, snapshot, publish, ask, prove, verify
	@scripts/demo

test:     ## services, style, types, all tests, docs, the wheel
	@scripts/test

soak:     ## the long checks in full; can be stopped and resumed
	@scripts/soak

fuzz:     ## atheris on every decoder, ten minutes in all; scripts/fuzz for more
	@scripts/fuzz

lint:     ## style, types and layers
	@scripts/lint

bench:    ## benchmarks, peers included
	@scripts/bench

docs:     ## write the generated parts of docs/
	@scripts/docs

clean:    ## stop the services, remove what was made here (the cache stays)
	@scripts/services down
	@rm -rf .venv .demo .soak .fuzz build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
