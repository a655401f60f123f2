# segfed: `make train` for the whole idea in a few minutes, `make test` for every test.
.DEFAULT_GOAL := help
.PHONY: evidence help train build install uninstall packages test test-long test-sanitized fuzz test-packages lint format real compare harmonisation federation bandwidth scale benchmark benchmark-loading benchmark-inference benchmark-recipe benchmark-flower python python-flower golden clean

SEGFED := .build/release/segfed
# Where make install puts things; DESTDIR stands before it, for packages.
export PREFIX ?= /usr/local
export DESTDIR ?=
PACKAGES := libopenblas-dev libsqlite3-dev libnifti-dev libpng-dev zlib1g-dev libdeflate-dev pkg-config
# What tests look at object files with, the CPUs that they imitate, and a browser for pages.
TEST_PACKAGES := $(PACKAGES) binutils qemu-user chromium chromium-driver
SWIFT_FILES := Sources Plugins Tests Package.swift

help: ## Show this list
	@echo "segfed: federated U-Net segmentation of NIfTI and PNG scans, on CPU"
	@echo
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

train: build ## Install what is missing, build, and train on the sites of SampleData
	$(SEGFED) train --data SampleData --output runs/demo --force

build: packages ## Build segfed in release mode
	swift build -c release --product segfed

install: build ## Install segfed, shell completions and manual pages below PREFIX (/usr/local; DESTDIR counts)
	@.ci/manual
	@.ci/install

uninstall: ## Remove what make install has put there
	@.ci/install --remove

packages: ## Install the system packages that are missing (as root, or with sudo)
	@.ci/install-packages $(PACKAGES)

test: test-packages ## Build and run every test but the long ones
	@.ci/test

test-long: test-packages ## Every test, the long ones too, and the golden files against PyTorch and nnU-Net (several GB; goes on after a stop)
	@.ci/install-packages valgrind
	@.ci/test-long

test-sanitized: packages ## Build and test the engine with the address sanitizer
	@.ci/sanitized

fuzz: packages ## Feed damaged scans to the readers, with the address sanitizer and with valgrind
	@.ci/install-packages valgrind
	@.ci/fuzz

test-packages:
	@.ci/install-packages $(TEST_PACKAGES)

lint: ## Check format and style
	swift format lint --strict -r $(SWIFT_FILES)

format: ## Format the sources in place
	swift format -i -r $(SWIFT_FILES)

real: build ## Fetch real scans, and train on them: heads (NIfTI) and nuclei (PNG)
	@Benchmarks/real/run.sh

harmonisation: build ## Train without two sites in turn, by four ways to harmonise, and test there (an hour)
	@Benchmarks/harmonisation/run.sh

federation: build ## Strategies, attacks and aggregations on simulated sites, by segfed sweep (hours)
	@Benchmarks/federation/run.sh

bandwidth: build ## Codecs in a reference setting: Dice against megabytes, beside the scans' bytes (hours)
	@Benchmarks/bandwidth/run.sh

scale: build ## Measure time and memory of federations of 2, 23 and 71 sites (about four minutes)
	@Benchmarks/federation/scale.sh

evidence: build ## Cross-site matrix, contributions, simulated times: three seeds (half an hour)
	@Benchmarks/evidence/run.sh

compare: build ## Federated, centralised and local training side by side, on fresh test cases
	@Benchmarks/compare/run.sh

benchmark: build ## Time segfed and PyTorch on the same networks (.venv-peers, several GB)
	@.ci/install-packages g++ python3-dev || echo "Going on: only torch.compile needs these." >&2
	@.ci/make-venv .venv-peers Benchmarks/peers/requirements.txt
	@.venv-peers/bin/python Benchmarks/peers/compare.py

benchmark-loading: build ## Time segfed and MONAI at reading and normalising a case (.venv-loading, several GB)
	@.ci/make-venv .venv-loading Benchmarks/peers/loading-requirements.txt
	@.venv-loading/bin/python Benchmarks/peers/loading.py

benchmark-inference: build ## Time segfed and MONAI at predicting a whole case (.venv-inference, several GB)
	@.ci/make-venv .venv-inference Benchmarks/peers/inference-requirements.txt
	@.venv-inference/bin/python Benchmarks/peers/inference.py

benchmark-recipe: build ## Train by one recipe from one start with segfed and with PyTorch + MONAI, three seeds (.venv-recipe, several GB, 40 minutes)
	@.ci/make-venv .venv-recipe Benchmarks/peers/recipe-requirements.txt
	@.venv-recipe/bin/python Benchmarks/peers/recipe.py

benchmark-flower: build ## Train a federation with segfed and with Flower's simulation in turn (.venv-flower-peers, several GB)
	@.ci/make-venv .venv-flower-peers Benchmarks/peers/flower-requirements.txt
	@.venv-flower-peers/bin/python Benchmarks/peers/flower.py

python: ## Make the Python environment that the tests compare with (.venv)
	@.ci/make-venv .venv Tests/Python/requirements.txt

python-flower: ## Make the Python environment with Flower's strategies (.venv-flower)
	@.ci/make-venv .venv-flower Tests/Python/flower-requirements.txt

golden: ## Remake the tests' golden files with PyTorch, nnU-Net and the metric tools (.venv-…, several GB)
	@.ci/make-venv .venv-peers Tests/Python/pytorch-requirements.txt
	@.venv-peers/bin/python Tests/Python/pytorch_golden.py
	@.venv-peers/bin/python Tests/Python/explanation_golden.py
	@.ci/make-venv .venv-nnunet Tests/Python/nnunet-requirements.txt
	@.venv-nnunet/bin/python Tests/Python/nnunet_golden.py
	@.venv-nnunet/bin/python Tests/Python/augmentation_golden.py
	@.venv-nnunet/bin/python Tests/Python/planner_golden.py
	@.venv-nnunet/bin/python Tests/Python/architecture_golden.py
	@.venv-nnunet/bin/python Tests/Python/interchange_golden.py
	@.ci/make-venv .venv-metrics Tests/Python/metrics-requirements.txt
	@.venv-metrics/bin/python Tests/Python/metrics_golden.py
	@.venv-nnunet/bin/python Tests/Python/loss_golden.py

clean: ## Remove what was built (.build…, .venv…); runs stay
	rm -rf .build .build-asan .build-fuzz .build-fuzz-asan .venv .venv-real .venv-peers .venv-loading .venv-inference .venv-recipe .venv-nnunet .venv-metrics .venv-flower .venv-flower-peers
