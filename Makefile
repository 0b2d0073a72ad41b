# Targets for people and for CI. None changes the tree but fmt, tidy and golden.

SHELL := /bin/bash -o pipefail

GO      ?= go
# Programs and tests link in half the time without cgo, and run so as they are
# published.
export CGO_ENABLED := 0

# go test prints in this order: small packages first. Tests live for seconds: they
# collect garbage less often.
PACKAGES := ./internal/... ./profiles/... ./generator/... ./...
TEST    = GOGC=400 $(GO) test -v -timeout 20m $(1) | awk -f test/summary.awk
TOOLS   := $(CURDIR)/.tools
WITH_TOOLS = PATH="$(TOOLS):$$PATH" REQUIRE_TOOLS=1

# Renovate keeps those versions that have a module above them; the oldest Kustomize
# stays.
# renovate: helm.sh/helm/v3
HELM3         := v3.22.0
# renovate: helm.sh/helm/v4
HELM4         := v4.3.1
KUSTOMIZE_OLD := v5.5.0
# renovate: sigs.k8s.io/kustomize/kustomize/v5
KUSTOMIZE_NEW := v5.8.2
# renovate: github.com/golangci/golangci-lint/v2
GOLANGCI      := v2.13.2
# renovate: github.com/goreleaser/goreleaser/v2
GORELEASER    := v2.15.1
# renovate: github.com/CycloneDX/cyclonedx-gomod
CYCLONEDX     := v1.10.0
# renovate: github.com/google/go-licenses
GO_LICENSES   := v1.6.0
# renovate: sigs.k8s.io/krew
KREW          := v0.4.3
# renovate: github.com/rhysd/actionlint
ACTIONLINT    := v1.7.12
# renovate: golang.org/x/vuln
GOVULNCHECK   := v1.9.0
# renovate: github.com/norwoodj/helm-docs
HELM_DOCS     := v1.14.2
FUZZTIME      ?= 20s

.PHONY: help build install test check check-argocd golden golden-check lint fmt fmt-check tidy tidy-check fuzz bench tools programs ci clean \
  release release-snapshot release-here release-files release-tools check-release image vuln chart chart-readme

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

build: ## Build bin/threescale-redis
	$(GO) build -trimpath -o bin/threescale-redis ./cmd/threescale-redis

install: ## Install threescale-redis into GOBIN
	$(GO) install -trimpath ./cmd/threescale-redis

test: ## Run the tests; what is left out is named at the end
	@$(call TEST,$(PACKAGES))

check: tools programs vuln ## Run the tests in full, with the real helm, kustomize, Redis and RedisShake, and look for vulnerabilities
	@$(WITH_TOOLS) FULL=1 $(call TEST,$$($(GO) list $(PACKAGES) | grep -vE '/test/(move|release)$$'))
	@# Real servers under traffic: alone, so that nothing else takes their time.
	@FULL=1 $(call TEST,./test/move)

check-argocd: ## Run the plugin inside the real Argo CD plugin server
	cd test/argocd && $(GO) test -count=1 ./...

golden: build ## Update the golden files
	bin/threescale-redis golden --update golden/testdata examples
	UPDATE_GOLDEN=1 $(GO) test ./...

golden-check: build ## Compare the golden files
	bin/threescale-redis golden golden/testdata examples

lint: $(TOOLS)/golangci-lint-$(GOLANGCI) ## Run the linters
	$(TOOLS)/golangci-lint-$(GOLANGCI) run ./...

fmt: ## Format the code
	gofmt -w $$(git ls-files '*.go')

fmt-check: ## Fail if code is not formatted
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$unformatted" ] || { echo "not formatted: $$unformatted"; exit 1; }

tidy: ## Tidy go.mod
	$(GO) mod tidy

tidy-check: ## Fail if go.mod is not tidy
	$(GO) mod tidy -diff

fuzz: ## Run each fuzz target for FUZZTIME
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package || exit 1; \
	  done; \
	done

bench: build tools ## Measure whole processes beside the real programs
	$(WITH_TOOLS) $(GO) run ./test/bench

release: release-tools ## Sign and publish a release, as the workflow does
	$(GORELEASE) --config $(CONFIG)

release-snapshot: release-tools ## Make all of a release in dist
	$(GORELEASE) --config $(CONFIG) --snapshot --skip=sign

release-here: ## The same, for linux on this architecture alone
	@mkdir -p bin
	sed 's/^  goos: .*/  goos: [linux]/; s/^  goarch: .*/  goarch: [$(shell $(GO) env GOARCH)]/' .goreleaser.yaml > bin/goreleaser.yaml
	$(MAKE) release-snapshot CONFIG=bin/goreleaser.yaml

chart: $(TOOLS)/helm-$(HELM4) ## Package the chart in dist/chart; VERSION is its version
	$(TOOLS)/helm-$(HELM4) package charts/threescale-redis --destination dist/chart $(if $(VERSION),--version $(VERSION) --app-version $(VERSION))

chart-readme: $(TOOLS)/helm-docs-$(HELM_DOCS) ## Write the README of the chart from its values
	$< --chart-search-root charts --template-files ./README.md.gotmpl --log-level warning

image: ## Make the container image from the archives for linux in dist
	cd image && $(GO) run . -dist $(CURDIR)/dist

check-release: release-here image $(TOOLS)/validate-krew-manifest-$(KREW) $(TOOLS)/actionlint-$(ACTIONLINT) $(TOOLS)/govulncheck-$(GOVULNCHECK) $(TOOLS)/helm-docs-$(HELM_DOCS) tools ## Test what a release is made of
	@$(WITH_TOOLS) $(call TEST,-count=1 ./test/release)
	cd test/argocd && REQUIRE_TOOLS=1 $(GO) test -count=1 -run TestPlugin_image .

CONFIG := .goreleaser.yaml
# goreleaser takes a clone without a remote for no repository, and sees no change
# in one without a tag.
GORELEASE = GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.url GIT_CONFIG_VALUE_0=https://github.com/threescale-redis/threescale-redis \
  CHANGED="$$(git status --porcelain)" CYCLONEDX_GOMOD=$(TOOLS)/cyclonedx-gomod-$(CYCLONEDX) $(TOOLS)/goreleaser-$(GORELEASER) release --clean

# What goreleaser puts into each archive beside the program: it calls this. The
# licences are those of all that is linked on any platform.
release-files:
	rm -rf bin/release
	mkdir -p bin/release/completions bin/release/man bin/release/licenses
	$(GO) build -trimpath -ldflags '-X main.version=$(VERSION) -X main.date=$(DATE)' -o bin/release/threescale-redis ./cmd/threescale-redis
	bin/release/threescale-redis completion bash > bin/release/completions/threescale-redis.bash
	bin/release/threescale-redis completion zsh > bin/release/completions/_threescale-redis
	bin/release/threescale-redis completion fish > bin/release/completions/threescale-redis.fish
	bin/release/threescale-redis man | gzip -9n > bin/release/man/threescale-redis.1.gz
	for os in linux darwin windows; do \
	  GOOS=$$os $(TOOLS)/go-licenses-$(GO_LICENSES) save ./cmd/threescale-redis --ignore github.com/threescale-redis/threescale-redis --save_path bin/release/licenses-$$os 2>/dev/null && \
	  cp -R bin/release/licenses-$$os/. bin/release/licenses && rm -rf bin/release/licenses-$$os || exit 1; \
	done
	mkdir bin/release/licenses/std && cp "$$($(GO) env GOROOT)/LICENSE" bin/release/licenses/std

# A database that cannot be reached says nothing about the code: only a finding fails.
VULNDB        := https://vuln.go.dev
VULN_PACKAGES := ./...
vuln: $(TOOLS)/govulncheck-$(GOVULNCHECK) ## Look for known vulnerabilities in what is called
	@out=$$($< -db $(VULNDB) $(VULN_PACKAGES) 2>&1); status=$$?; echo "$$out"; \
	if [ $$status = 1 ] && grep -q '^govulncheck: fetching vulnerabilities:' <<< "$$out"; then \
	  echo "NOT CHECKED for vulnerabilities: $(VULNDB) cannot be reached"; exit 0; \
	fi; exit $$status

ci: test fmt-check tidy-check lint golden-check check-release check-argocd check ## All that CI runs, in this order

tools: $(TOOLS)/helm-$(HELM3) $(TOOLS)/helm-$(HELM4) $(TOOLS)/kustomize-$(KUSTOMIZE_OLD) $(TOOLS)/kustomize-$(KUSTOMIZE_NEW) ## Install the real programs into .tools

$(TOOLS)/helm-$(HELM3):
	$(call go-install,helm.sh/helm/v3/cmd/helm@$(HELM3),helm)
$(TOOLS)/helm-$(HELM4):
	$(call go-install,helm.sh/helm/v4/cmd/helm@$(HELM4),helm)
$(TOOLS)/kustomize-$(KUSTOMIZE_OLD):
	$(call go-install,sigs.k8s.io/kustomize/kustomize/v5@$(KUSTOMIZE_OLD),kustomize)
$(TOOLS)/kustomize-$(KUSTOMIZE_NEW):
	$(call go-install,sigs.k8s.io/kustomize/kustomize/v5@$(KUSTOMIZE_NEW),kustomize)
$(TOOLS)/golangci-lint-$(GOLANGCI):
	$(call go-install,github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI),golangci-lint)

release-tools: $(TOOLS)/goreleaser-$(GORELEASER) $(TOOLS)/cyclonedx-gomod-$(CYCLONEDX) $(TOOLS)/go-licenses-$(GO_LICENSES)

$(TOOLS)/goreleaser-$(GORELEASER):
	$(call go-install,github.com/goreleaser/goreleaser/v2@$(GORELEASER),goreleaser)
$(TOOLS)/cyclonedx-gomod-$(CYCLONEDX):
	$(call go-install,github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX),cyclonedx-gomod)
$(TOOLS)/go-licenses-$(GO_LICENSES):
	$(call go-install,github.com/google/go-licenses@$(GO_LICENSES),go-licenses)
$(TOOLS)/validate-krew-manifest-$(KREW):
	$(call go-install,sigs.k8s.io/krew/cmd/validate-krew-manifest@$(KREW),validate-krew-manifest)
$(TOOLS)/actionlint-$(ACTIONLINT):
	$(call go-install,github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT),actionlint)
$(TOOLS)/helm-docs-$(HELM_DOCS):
	$(call go-install,github.com/norwoodj/helm-docs/cmd/helm-docs@$(HELM_DOCS),helm-docs)
$(TOOLS)/govulncheck-$(GOVULNCHECK):
	$(call go-install,golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK),govulncheck)

# go-install MODULE@VERSION,PROGRAM installs under the name of the target. It runs
# outside of this module, so that go.mod has no say in it.
define go-install
	@mkdir -p $(TOOLS)/install
	cd $(TOOLS)/install && GOBIN=$(TOOLS)/install GOFLAGS=-mod=mod $(GO) install -ldflags=-s $(1)
	mv $(TOOLS)/install/$(2) $@
endef

# What Debian packages; where it cannot be installed, the tests that need it say so.
programs: ## Install Redis and ShellCheck, as root on Debian
	@for p in redis-server shellcheck; do \
	  command -v $$p >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq $$p >/dev/null; } || true; \
	done

clean: ## Remove what was built
	rm -rf bin dist $(TOOLS)
