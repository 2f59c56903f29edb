# Thingward. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
GO ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/thingward/thingward/server.Version=$(VERSION) -X main.version=$(VERSION)
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.11.0
TW_SOURCES := $(shell find . -name '*.go' -not -path './console/*' -not -name '*_test.go') $(shell find . \( -name '*.sql' -o -name '*.cedar' -o -name '*.yaml' \) -not -path './console/node_modules/*') go.mod go.sum

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}'

build: bin/thingward bin/thingward-agent ## build the console and both programs into bin/

bin/thingward: console/dist/index.html $(TW_SOURCES)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/thingward

bin/thingward-agent: $(TW_SOURCES)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/thingward-agent

console/dist/index.html: console/node_modules/.installed $(shell find console -type f \( -path '*/src/*' -o -path '*/public/*' -o -path '*/tools/*' -o -name 'index.html' -o -name '*.ts' \) -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
	cd console && npm run --silent build
	@touch $@

console/node_modules/.installed: console/package-lock.json
	cd console && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

run: build ## build everything and show it working: server, console and a simulated fleet
	bin/thingward demo

demo: run ## the same as run

needs: ## install what the tests need (Debian packages), or say what is missing
	@tools/needs

test: needs build ## all tests: Go on both engines, console, browser
	$(GO) test -count=1 ./archtest
	tools/with-postgres $(GO) test ./...
	cd console && npm run --silent lint && npm test --silent
	$(MAKE) e2e

e2e: build ## browser tests against a real server with the demo fleet
	tools/with-demo sh -c 'cd console && npm run --silent e2e'

race: needs ## the Go tests under the race detector
	tools/with-postgres $(GO) test -race ./...

lint: console/node_modules/.installed ## golangci-lint, oxlint and formatting
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) run $(GOLANGCI) run ./...
	cd console && npm run --silent lint

check: ## what CI runs
	.ci/run

fmt: ## format everything
	$(GO) run $(GOLANGCI) fmt

generate: bin/thingward ## write the generated references again (OpenAPI, controls, events, config, CLI, API types)
	bin/thingward docs write docs
	cd console && npm run --silent generate

golden: ## write golden files again; read the difference before you commit it
	$(GO) test ./... -run Golden -update

FUZZTIME ?= 30s
fuzz: ## run every fuzz target for FUZZTIME
	tools/fuzz $(FUZZTIME)

bench: needs build ## benchmarks beside their peers; numbers for docs/performance.md
	tools/bench

vuln: ## known vulnerabilities in what is linked in
	$(GO) run golang.org/x/vuln/cmd/govulncheck@latest ./...

deps: ## the modules that are linked in
	$(GO) list -deps -f '{{with .Module}}{{.Path}} {{.Version}}{{end}}' ./cmd/... | sort -u

clean: ## remove what was built
	rm -rf bin console/dist

.PHONY: help build run demo needs test e2e race lint check fmt generate golden fuzz bench vuln deps clean
