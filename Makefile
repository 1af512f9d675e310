# Every target a person or CI runs. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo demo-check test lint mutants bench soak clean

# One build for every target: other programs or features at a time would build the libraries anew.
BUILD = cargo build --release --workspace --bins --examples

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Run the whole platform on this machine with a synthetic province; Ctrl-C stops it
	@scripts/prerequisites.sh
	@echo "building (the first time takes a few minutes)"
	@$(BUILD)
	@target/release/saphan-demo run

demo-check: ## The same without a terminal; fails unless every figure equals the ground truth
	@scripts/prerequisites.sh
	@$(BUILD)
	@target/release/saphan-demo check

test: ## Everything a change must pass: unit, property, golden, integration on the real parts
	@scripts/prerequisites.sh --with-python
	@scripts/test.sh

lint: ## Format, clippy, and the rules of the house
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test -p saphan-tests --test tidy

mutants: ## Break the decisions in small ways; fails unless policy's own tests find 95 % (long)
	@scripts/mutants.sh

bench: ## Measure, as ratios in one run; writes target/bench/latest.json
	@scripts/prerequisites.sh --with-javac
	@$(BUILD)
	@target/release/saphan-demo bench

MINUTES ?= 20
KILLS ?= 0
EVENTS ?= 0
RATE ?= 1000
KILL_INTERVAL_MS ?= 2000
SEED ?= 1
SOAK = target/release/saphan-demo soak --seed $(SEED) --rate $(RATE) --kill-interval-ms $(KILL_INTERVAL_MS)
SHORT = --minutes $$((($(MINUTES) + 3) / 4))
LONG = --minutes $(MINUTES) --kills $(KILLS) --events $(EVENTS) --race
soak: ## The long checks: MINUTES=20 of kills on one broker and on three, at least KILLS= and EVENTS= on each (also RATE=, SEED=)
	@scripts/prerequisites.sh --with-python --with-javac
	@scripts/python-clients.sh
	@$(BUILD)
	@target/release/saphan-demo check --order twice
	@target/release/saphan-demo check --order reverse
	@# Quiet around each change of consent: every decision has a truth beside the log.
	@$(SOAK) $(SHORT)
	@$(SOAK) $(SHORT) --brokers 3
	@# No quiet: consents change while events are under way, and the log alone is the truth.
	@$(SOAK) $(LONG)
	@$(SOAK) $(LONG) --brokers 3

clean: ## Remove build products and the development state (keeps downloads)
	rm -rf target .demo
