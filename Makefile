# Thin names for the scripts; each script does only what is out of date.
.DEFAULT_GOAL := help
.PHONY: help run test lint site bench bench-peers bench-share bench-web accuracy fuzz seeds screenshots snapshots

help: ## Shows this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Builds and serves the demonstration on http://127.0.0.1:3000
	@scripts/run.sh

test: ## Every test: format, lints, units, PostgreSQL, AWS API, documentation, browser journeys
	@scripts/test.sh

lint: ## Format, clippy and documentation links
	@scripts/lint.sh

site: ## What the browser loads, in target/site/pkg
	@scripts/bundle.sh

bench: ## All benchmarks; writes the figures to docs/benchmarks.md
	@scripts/bench.sh

bench-peers: ## Detection beside ruptures and Apache Otava in one run; installs both under .cache
	@scripts/bench_peers.sh

bench-share: ## A share page at 2,000 requests a second, by hey and wrk; into docs/benchmarks.md
	@scripts/bench_share.sh

bench-web: ## The pages in Chromium: paint, redraw beside uPlot, heap, Lighthouse; into docs/benchmarks.md
	@scripts/bench_web.sh

accuracy: ## How often the analysis is right on generated incidents; DATA=folder adds the public sets
	@scripts/accuracy.sh

fuzz: ## Fuzzes every parser of outside text; FUZZ_SECONDS shortens it
	@scripts/fuzz.sh

seeds: ## The Kubernetes collector against 1,024 seeds of faults over real HTTP; RUNS says how many
	@scripts/seeds.sh

screenshots: ## The pictures in docs/screenshots, from the demonstration
	@scripts/screenshots.sh

snapshots: ## Compares the main pages with the pictures in end2end/snapshots; UPDATE=1 renews them
	@scripts/snapshots.sh
