# Marelle. `make run` shows the portal, `make test` proves it; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help run reset test check coverage mutants bench torture test-pg15 runtime dev
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
HOST = 127.0.0.1# not `?=`: some shells have a variable of that name, for this machine's
ON ?=
TESTS ?=
export PYTHON PORT ON

python := .venv/bin/python

help: ## Cette liste
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: runtime ## Démarre le portail (PORT=8000 HOST=127.0.0.1 ON=2026-11-23)
	@MARELLE_STOPS_WITH_PARENT=1 exec $(python) -m marelle run --host "$(HOST)"

reset: runtime ## Efface la base embarquée et repart à neuf
	@exec $(python) -m marelle reset

test: dev ## Tous les tests, navigateur compris (TESTS=tests/rules pour une partie)
	@MARELLE_CHROMIUM="$$(sh setup/chromium)" && export MARELLE_CHROMIUM && \
	    MARELLE_PAYFIP_RECORDINGS="$$(sh setup/payfip_recordings)" && export MARELLE_PAYFIP_RECORDINGS && \
	    exec $(python) -m pytest -n 2 --dist worksteal $(TESTS)

check: dev ## Mise en forme, relecture, types, contrats d'import, migrations, documentation
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	.venv/bin/lint-imports
	$(python) -m marelle manage makemigrations --check --dry-run
	$(python) -m marelle manage check --fail-level WARNING
	$(python) -m pytest -q tests/house --ignore=tests/house/test_doors.py --ignore=tests/house/test_launcher.py \
	    --ignore=tests/house/test_embedded_postgres.py --ignore=tests/house/test_mailbox.py
	@$(MAKE) coverage

coverage: dev ## Les règles : chaque branche parcourue par leurs tests
	@COVERAGE_FILE=var/coverage $(python) -m coverage run -m pytest -q -p no:randomly --hypothesis-seed=0 \
	    -m "not law and not torture" tests/rules && \
	    COVERAGE_FILE=var/coverage $(python) -m coverage report

mutants: dev ## Les règles, une erreur à la fois : leurs tests la voient-ils ? (une demi-heure)
	@rm -rf mutants && exec $(python) -m tests.torture.mutants

bench: dev ## Les mesures, sur une collectivité générée
	@exec $(python) -m bench

torture: dev ## Ce qui est trop long pour chaque fois : courses, arrêts brutaux, propriétés
	@MARELLE_CHROMIUM="$$(sh setup/chromium)" && export MARELLE_CHROMIUM && exec $(python) -m pytest -m torture $(TESTS)

test-pg15: dev ## Le domaine et les courses sur le PostgreSQL 15 de Debian
	@MARELLE_TEST_POSTGRES="$$(sh setup/postgresql15)" && export MARELLE_TEST_POSTGRES && \
	    exec $(python) -m pytest -n 2 tests/domain tests/races

runtime dev:
	@sh setup/install $@
