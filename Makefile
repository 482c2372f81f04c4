# make help lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := build

PREFIX  ?= /usr/local
DESTDIR ?=
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# make build PRELUDE=0 builds the helper without internal/prelude (Linux).
export PRELUDE
# One set of flags for the programs, their checks and their tests: Go keeps what it
# compiled by its flags, and with two sets compiles every dependency twice. The race
# detector needs cgo.
export CGO_ENABLED := 0
export GOFLAGS := $(strip $(filter-out -trimpath,$(shell go env GOFLAGS)) -trimpath)
race: export CGO_ENABLED := 1
# scripts/setup.sh makes .venv if the system's Python has no moto.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# What one fuzz target may spend in make fuzz.
FUZZTIME ?= 60s

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
DEADCODE := golang.org/x/tools/cmd/deadcode@v0.50.0
# Programs that are built as they are needed, each at one version.
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
CYCLONEDX := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
# Packages whose tests need nothing but Go; e2e and faults have targets of their own.
LIST_UNIT := go list ./... | grep -v -e '/e2e' -e '/faults$$'
UNIT := $$($(LIST_UNIT))
# The tests of the module as a whole read its sources: nothing races.
RACE := $$($(LIST_UNIT) | grep -vx understudy)
# Modules of their own: clients that must not weigh on the product's go.mod.
NESTED := $(patsubst %/go.mod,%,$(wildcard e2e/*/go.mod e2e/*/*/go.mod))
# Built and vetted; every one has its own files somewhere.
PLATFORMS := linux/amd64 linux/arm64 darwin/arm64 windows/amd64

.PHONY: build
build: ## both binaries, static, into bin/; PRELUDE=0: the plain helper
	@BUILD_VERSION=$(VERSION) scripts/build.sh bin/

.PHONY: test
test: ## setup, build, lint for this platform, race, norace, e2e
	scripts/test.sh

.PHONY: check
check: lint ## before a commit: lint, and unit with -short, which leaves out the tests that take half a minute each
	go run ./scripts/gotest -short -shuffle=on $(UNIT)

.PHONY: setup
setup: ## install what the tests need besides Go, if it is missing
	scripts/setup.sh

# Packages with tests that are left out or cut short under the race detector.
NORACE = . $$(grep -rl --include='*_test.go' --exclude-dir=e2e '^//go:build.*!race' . | xargs -n1 dirname | sort -u)

.PHONY: unit race norace e2e
unit: ## unit tests, without the race detector
	go run ./scripts/gotest -shuffle=on $(UNIT)
race: ## the same under the race detector, but for tests in which nothing races
	go run ./scripts/gotest -race -shuffle=on $(RACE)
norace: ## the packages with tests that race leaves out or cuts short; race and norace together cover unit
	go run ./scripts/gotest -shuffle=on $(NORACE)
e2e: ## real clients against the real binaries, a real keyring and moto
	go run ./scripts/gotest -shuffle=on -parallel=8 -timeout=9m ./e2e/...

.PHONY: fuzz fuzz-input fuzz-hour
fuzz: ## every fuzz target for FUZZTIME each (60s)
	scripts/fuzz.sh $(FUZZTIME)
fuzz-input: ## the fuzz targets of untrusted input: wire and prelude, configuration and its edits, keychain items, answers of STS
	scripts/fuzz.sh $(FUZZTIME) ./internal/wire ./internal/prelude ./daemon/socket ./internal/awsconfig ./e2e/ini ./internal/adopt ./internal/keychain ./internal/source ./internal/aws
fuzz-hour: ## every fuzz target for an hour each
	scripts/fuzz.sh 1h

.PHONY: lint fmt vet fix staticcheck tidy platforms
lint: fmt vet fix staticcheck tidy platforms ## the gate: format, vet, fix, staticcheck, tidy, every platform
fmt:
	@out=$$(gofmt -s -l $$(git ls-files -co --exclude-standard '*.go')); [ -z "$$out" ] || { echo "gofmt -s: $$out" >&2; exit 1; }
vet:
	go vet ./...
	@for dir in $(NESTED); do (cd $$dir && go vet ./...); done
fix:
	go fix -diff ./...
staticcheck:
	go run $(STATICCHECK) ./...
tidy:
	go mod tidy -diff
	@for dir in $(NESTED); do (cd $$dir && go mod tidy -diff); done
# Packages with files for one architecture.
ARCH = $$({ git ls-files '*_amd64*' '*_arm64*'; git grep -lE '^//go:build.*(amd64|arm64)' -- '*.go' ':!e2e'; } | xargs -n1 dirname | sort -u | sed 's|^|./|')
# The programs are kept, so that the next run links only those that have changed. Only the
# commands are linked; vet compiles the rest. Without a build cache most of vet's time goes
# to the dependencies, and all but ARCH reads the same on every architecture.
platforms:
	@for platform in $(PLATFORMS); do \
		echo "build and vet $$platform"; \
		export GOOS=$${platform%/*} GOARCH=$${platform#*/}; \
		mkdir -p .cache/platforms/$$platform && \
		go build -buildvcs=false -o .cache/platforms/$$platform/ ./cmd/... && \
		if [ $$platform = linux/arm64 ]; then go vet $(ARCH); else go vet ./...; fi || exit 1; \
	done

# Not in lint: it takes a minute.
.PHONY: deadcode
deadcode: ## fails if a function is unused
	scripts/deadcode.sh $(DEADCODE)

.PHONY: bench bench-check bench-doc demo
# BENCH is more of the measuring program's options, such as -idle or -only TEXT.
bench: build ## measurements and their goals
	go run ./bench $(BENCH)
bench-check: build ## the same; fails if a goal is missed, or a ratio is worse than in bench/expected.json by more than its margin
	go run ./bench -check $(BENCH)
bench-doc: build ## the same, with the idle daemon and 10,000 sessions from a keychain, in half an hour; writes docs/bench.md and bench/expected.json
	go run ./bench -slow-rounds 60 -idle -load 10000 -doc docs/bench.md -expect $(BENCH)
demo: build ## a session's whole life in under a minute, in a temp folder
	go run ./scripts/demo

.PHONY: faults faults-full faults-soak faults-doc
# FAULTS: more options for go test and the suite, such as -run TestFaults/^29$$ or -keep.
SOAK ?= 2m
RUN_FAULTS = UNDERSTUDY_BIN=bin go test ./faults -v -count=1 -run TestFaults
faults: build ## what happens on a bad day, at a bounded size; fails if a row is wrong
	$(RUN_FAULTS) -timeout 40m $(FAULTS)
faults-full: build ## the same at full size, for a day and a night
	$(RUN_FAULTS) -timeout 36h -full $(FAULTS)
faults-soak: build ## one fault after the other for SOAK (2m; the promise is 24h)
	$(RUN_FAULTS)'/^42$$' -timeout 36h -soak $(SOAK) $(FAULTS)
faults-doc: build ## make faults, written into docs/faults.md
	$(RUN_FAULTS) -timeout 40m -write $(CURDIR)/docs/faults.md $(FAULTS)

.PHONY: release reproducible vuln
release: ## archives of every platform, their SBOMs and sums, into dist/
	CYCLONEDX=$(CYCLONEDX) scripts/release.sh "$(VERSION)" $(PLATFORMS)
reproducible: ## two builds in two places are the same to the byte
	scripts/reproducible.sh
vuln: ## known vulnerabilities in what is linked; asks vuln.go.dev
	go run $(GOVULNCHECK) ./cmd/...

.PHONY: install uninstall
install: build ## into PREFIX (default /usr/local), below DESTDIR
	scripts/install.sh "$(PREFIX)" "$(DESTDIR)"
uninstall: ## what install put there
	scripts/install.sh --remove "$(PREFIX)" "$(DESTDIR)"

.PHONY: clean
clean: ## what was built or fetched here
	rm -rf bin dist .venv .cache e2e/clients/js/node_modules bench/out faults/out

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z0-9 -]*:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
