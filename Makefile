# Azure Red Hat OpenShift in C. `make help` lists the targets; V=1 shows the commands.
#
# New files need no edit here:
#   FOLDER/x.c                 joins the archive of its layer (hack/layers.txt names the layers)
#   cmd/NAME/main.c            makes the executable $(BUILD)/bin/NAME; the same holds for a main.c in
#                              hack/NAME, test/NAME and hack/devcloud/main (the executable devcloud)
#   test/unit/PATH/test_x.c    makes one test executable, linked with what the layer PATH may use
#   test/fuzz/fuzz_x.c         makes one fuzzer
#   staticresources/...        is embedded
#   deploy/cluster/x.json      is embedded into what links rp/cluster
#   rp/syncsets/schema/x.sql   is embedded into what links rp/syncsets

.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

BUILD ?= build
SAN ?=
V ?=
T ?=
JOBS ?= 2
# Of a test program, in seconds. Those with sanitizers take ten times as long, and in .ci/run they run behind all others.
TEST_TIMEOUT ?= $(if $(SAN),480,120)
FUZZ_SECONDS ?= 60

ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS) --no-print-directory
endif

Q := $(if $(V),,@)
say = @printf '  %-6s %s\n' $(1) $(2)

# --- Compiler and variants -----------------------------------------------------------------------

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin AR),default)
AR := ar
endif

WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
	-Wimplicit-fallthrough -Wcast-qual -Werror
LANGUAGE := -std=gnu11 -D_GNU_SOURCE -I. -isystem /usr/share/include/llhttp
BANNED := -include pkg/base/banned.h
COMMON := -g -pthread -ffunction-sections -fdata-sections
LINK_COMMON := -pthread -Wl,--gc-sections -Wl,--as-needed

VARIANT_ := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
VARIANT_LINK_ := -pie -Wl,-z,relro,-z,now
# A sanitizer's report needs lines and no more: -g1 is compiled and linked sooner.
VARIANT_asan := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
VARIANT_LINK_asan := -fsanitize=address,undefined
VARIANT_tsan := -O1 -g1 -fsanitize=thread -fno-omit-frame-pointer -fPIE
VARIANT_LINK_tsan := -fsanitize=thread -pie
VARIANT_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
VARIANT_LINK_fuzz := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
VARIANT_coverage := -O0 --coverage
VARIANT_LINK_coverage := --coverage
ifeq ($(origin VARIANT_$(SAN)),undefined)
$(error SAN=$(SAN): use asan, tsan, fuzz, coverage or nothing)
endif
ifeq ($(SAN),fuzz)
CC := clang
endif

# Unit tests are half of all code and many executables: they are compiled without optimisation, and linked by the faster
# linker of binutils.
TEST_CFLAGS := -O0 -U_FORTIFY_SOURCE
TEST_LDFLAGS := -fuse-ld=gold

CFLAGS ?=
LDFLAGS ?=
ALL_CFLAGS = $(LANGUAGE) $(COMMON) $(VARIANT_$(SAN)) $(CFLAGS)
ALL_LDFLAGS = $(LINK_COMMON) $(VARIANT_LINK_$(SAN)) $(LDFLAGS)

OUT := $(BUILD)$(if $(SAN),/$(SAN))
OBJ := $(OUT)/obj
BIN := $(OUT)/bin
GEN := $(OUT)/gen
LIB := $(OUT)/lib

COMMIT ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

ifneq ($(findstring clang,$(CC)),)
# gcc knows that a va_list function passes its own format on, clang wants an attribute on each; and long texts in tables
# are strings written in pieces.
WARNINGS += -Wno-format-nonliteral -Wno-string-concatenation
endif

# --- Sources -------------------------------------------------------------------------------------

SOURCE_ROOTS := $(wildcard cmd hack operator pkg rp staticresources test)
SOURCES := $(sort $(shell find $(SOURCE_ROOTS) -name node_modules -prune -o -name '*.c' -print))

# The layers whose files become archives, and what each may use (hack/layers.txt; a prefix stands for
# every layer below it). cmd, hack and test hold executables, not libraries.
LAYERS := $(filter-out cmd hack test,$(shell awk -F' *: *' 'NF { print $$1 }' hack/layers.txt))
comma := ,
$(foreach line,$(shell awk -F' *: *' 'NF { gsub(/ +/, ",", $$2); print $$1 ":" $$2 }' \
	hack/layers.txt),$(eval ALLOWED_$(firstword $(subst :, ,$(line))) := \
	$(subst $(comma), ,$(word 2,$(subst :, ,$(line))))))

# layer-of PATH: the longest layer that contains PATH (sort puts a prefix before what it begins).
layer-of = $(lastword $(sort $(foreach l,$(LAYERS),$(if $(filter $(l)/%,$(1)),$(l)))))
# expand NAMES: the layers that these names stand for ("pkg" is all of pkg/..., "operator/apis" is operator).
expand = $(sort $(foreach n,$(1),$(filter $(n) $(n)/%,$(LAYERS)) $(call layer-of,$(n)/)))
# closure LAYERS: these layers and all that they may use, directly or through one another; told once for each layer, since
# make would work it out for every test again.
$(foreach l,$(LAYERS),$(eval MAY_USE_$(l) := $(call expand,$(ALLOWED_$(l)))))
$(foreach l,$(LAYERS),$(eval CLOSURE_$(l) := $(sort $(l) $(MAY_USE_$(l)) $(foreach m,$(MAY_USE_$(l)),$(MAY_USE_$(m))))))
closure = $(sort $(foreach l,$(1),$(CLOSURE_$(l))))

# A folder with a main.c is a program.
PROGRAM_DIRS := $(patsubst %/main.c,%,$(filter cmd/%/main.c hack/%/main.c test/%/main.c,$(SOURCES)))
PROGRAMS := $(notdir $(patsubst hack/devcloud/main,devcloud,$(PROGRAM_DIRS)))
program-dir = $(if $(filter devcloud,$(1)),hack/devcloud/main,$(filter %/$(1),$(PROGRAM_DIRS)))
# Programs below a program's folder are not part of it.
programs-below = $(foreach d,$(PROGRAM_DIRS),$(if $(filter $(1)/%,$(d)),$(d)/%))
$(foreach p,$(PROGRAMS),$(eval PROGRAM_SRC_$(p) := $(filter-out \
	$(call programs-below,$(call program-dir,$(p))),$(filter $(call program-dir,$(p))/%,$(SOURCES)))))
# The resource provider with other steps: all but the main of the real one.
PROGRAM_SRC_rp-scripted += $(filter-out %/main.c,$(PROGRAM_SRC_aro-rp))
PROGRAM_SRC_rpcrash += $(filter-out %/main.c,$(PROGRAM_SRC_aro-rp))
# What it writes, unit tests write, too.
PROGRAM_SRC_standin-installer += test/unit/support/rp/cluster/installer_payload.c
PROGRAM_SRC := $(foreach p,$(PROGRAMS),$(PROGRAM_SRC_$(p)))

TEST_SRC := $(foreach s,$(filter test/unit/%,$(SOURCES)),$(if $(filter test_%,$(notdir $(s))),$(s)))
TEST_SCRIPTS := $(sort $(shell find test/unit -name 'test_*.sh' 2>/dev/null))
SUPPORT_SRC := $(filter test/unit/support/%,$(SOURCES))
FUZZ_SRC := $(filter test/fuzz/fuzz_%,$(SOURCES))
LIBRARY_SRC := $(filter-out $(PROGRAM_SRC) test/unit/% test/fuzz/% test/bench/%,$(SOURCES))
$(foreach s,$(LIBRARY_SRC),$(eval LAYER_SRC_$(call layer-of,$(s)) += $(s)))
LIVE_LAYERS := $(foreach l,$(LAYERS),$(if $(LAYER_SRC_$(l)),$(l)))

objects = $(patsubst %.c,$(OBJ)/%.o,$(1))
archive = $(LIB)/$(subst /,-,$(1)).a
# archives LAYERS: the archives of those that have sources, llhttp behind pkg/net.
archives = $(foreach l,$(1),$(if $(filter $(l),$(LIVE_LAYERS)),$(call archive,$(l)))) \
	$(if $(filter pkg/net,$(1)),$(LIB)/llhttp.a)

# System libraries, each confined to one or two layers (hack/check-layers.sh).
LIBS_pkg/base := -ljson-c -lyaml
# GnuTLS comes with libcurl and looks for that name (pkg/net/http_client.c); not every linker exports it unasked.
LIBS_pkg/net := -lcurl -lwebsockets -lssl -lcrypto -Wl,--export-dynamic-symbol=_gnutls_global_init_skip
LIBS_pkg/crypt := -lsodium -lssl -lcrypto -lcrypt
LIBS_pkg/kube := -llz4
LIBS_pkg/sql := -lpq -lsqlite3
LIBS_pkg/amqp := -lrabbitmq
libraries = $(sort $(foreach l,$(filter $(LIVE_LAYERS),$(1)),$(LIBS_$(l)))) -lm

# What each program is made of; one without a line here may use every layer.
USES_aro := pkg/base
USES_aro-operator := operator
USES_aro-rp := rp/frontend rp/frontend/admin rp/backend rp/validate pkg/controller
USES_aro-syncsets := rp/syncsets pkg/controller
USES_rp-scripted := $(USES_aro-rp)
USES_rpcrash := $(USES_aro-rp) test/harness
USES_devcloud := hack/devcloud
USES_deploy-operator := operator
USES_simkubelet := hack/devcloud
USES_azuresim := hack/devcloud
USES_faultproxy := test/harness
USES_e2e := test/harness
USES_conformance := pkg/kube
USES_cosmoscheck := pkg/database pkg/azure
USES_azuritecheck := pkg/azure
USES_client-example := pkg/client
USES_admincheck := rp/frontend/admin
USES_synccrash := hack/devcloud pkg/syncsets rp/syncsets test/harness
USES_generate := operator rp/env rp/frontend rp/frontend/admin rp/syncsets rp/cluster
# Half of it is what that program writes, which need not compile before.
WITHOUT_generate := pkg/client
uses = $(filter-out $(WITHOUT_$(1)),\
	$(call closure,$(if $(filter undefined,$(origin USES_$(1))),$(LIVE_LAYERS),$(USES_$(1)))))

# --- Everyday targets ----------------------------------------------------------------------------

# Targets whose parts may be absent from the tree add themselves to the list where they are defined.
TARGETS := help all build deps clean unit test asan tsan lint fmt coverage
.PHONY: FORCE

help: ## List the targets (the default).
	@awk -v targets=' $(TARGETS) ' -F': .*## ' '/^[a-z0-9-]+:.*## / { sub(/:.*/, "", $$1); \
		if (index(targets, " " $$1 " ")) printf "  %-29s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n  Settings: V=1 shows commands; T=pkg/kube limits unit tests to a path; SAN=asan|tsan;\n'
	@printf '  CC=clang; BUILD=dir; JOBS=n; FUZZ_SECONDS=n. Example: make unit T=pkg/base SAN=asan\n'

all: build ## Build every executable.
build: $(addprefix $(BIN)/,$(PROGRAMS)) $(foreach l,$(LIVE_LAYERS),$(call archive,$(l)))

deps: ## Install every Debian package that building, testing and checking need, if missing.
	$(Q)hack/deps.sh build test lint fuzz coverage envtest

clean: ## Remove everything that was built.
	rm -rf $(BUILD)

# --- Dependencies: each target asks for what it needs -----------------------------------------------

.PHONY: deps-build deps-test deps-lint deps-fuzz deps-coverage deps-envtest deps-image deps-image-test deps-node deps-swagger deps-az deps-database deps-broker deps-bench deps-names
deps-build deps-test deps-lint deps-fuzz deps-coverage deps-envtest deps-image deps-image-test deps-node deps-swagger deps-az deps-database deps-broker deps-bench deps-names: deps-%:
	$(Q)hack/deps.sh $*

# --- Rules ---------------------------------------------------------------------------------------

# write-if-changed: the recipe's standard input becomes $@, whose time moves only with its content.
write-if-changed = mkdir -p $(@D); cat >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(OUT)/flags: FORCE
	@echo '$(CC) $(ALL_CFLAGS) $(WARNINGS) $(ALL_LDFLAGS) $(TEST_CFLAGS) $(TEST_LDFLAGS)' | { $(write-if-changed); }

$(OBJ)/%.o: %.c $(OUT)/flags | deps-build
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(PART_CFLAGS) $(WARNINGS) $(BANNED) $(DEFINES) -MMD -MP -c -o $@ $<
$(OBJ)/test/unit/%.o: PART_CFLAGS := $(TEST_CFLAGS)

$(OUT)/version: FORCE
	@echo '$(COMMIT)' | { $(write-if-changed); }
$(OBJ)/pkg/base/version.o: DEFINES := -DVERSION='"$(COMMIT)"'
$(OBJ)/pkg/base/version.o: $(OUT)/version

# llhttp comes as C sources; its warnings are its own.
LLHTTP_OBJ := $(patsubst %,$(OBJ)/llhttp/%.o,api http llhttp)
$(OBJ)/llhttp/%.o: $(OUT)/flags | deps-build
	$(call say,CC,llhttp/$*.c)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -w -c -o $@ /usr/share/llhttp/$*.c
$(LIB)/llhttp.a: $(LLHTTP_OBJ)
	$(call say,AR,$(@F))
	@mkdir -p $(@D)
	$(Q)$(AR) rcs $@ $^

# Embedded files.
EMBEDDED := $(sort $(shell find staticresources -type f ! -name '*.[ch]' ! -name '*.md' \
	-printf '%P\n' 2>/dev/null))
$(GEN)/embedded.list: FORCE
	@printf '%s\n' $(EMBEDDED) | { $(write-if-changed); }
$(GEN)/staticresources.c: hack/embed.sh $(GEN)/embedded.list $(addprefix staticresources/,$(EMBEDDED))
	$(call say,EMBED,$@)
	$(Q)hack/embed.sh staticresources $(EMBEDDED) >$@
$(OBJ)/gen/%.o: $(GEN)/%.c $(OUT)/flags | deps-build
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<
EXTRA_OBJ_staticresources := $(OBJ)/gen/staticresources.o

CLUSTER_TEMPLATES := $(sort $(notdir $(wildcard deploy/cluster/*.json)))
$(GEN)/cluster_templates.list: FORCE
	@printf '%s\n' $(CLUSTER_TEMPLATES) | { $(write-if-changed); }
$(GEN)/cluster_templates.c: hack/embed.sh $(GEN)/cluster_templates.list $(addprefix deploy/cluster/,$(CLUSTER_TEMPLATES))
	$(call say,EMBED,$@)
	$(Q)hack/embed.sh -s cluster_templates deploy/cluster $(CLUSTER_TEMPLATES) >$@
EXTRA_OBJ_rp/cluster := $(OBJ)/gen/cluster_templates.o

# What a release of the virtual OpenShift brings: the kinds and objects of the fixture cluster, and some more kinds.
RELEASE_ROOTS := test/harness/envtest/crds test/harness/envtest/cluster-objects hack/devcloud/boot/kinds
RELEASE := $(sort $(shell find $(RELEASE_ROOTS) -name '*.yaml' 2>/dev/null))
$(GEN)/release.list: FORCE
	@printf '%s\n' $(RELEASE) | { $(write-if-changed); }
$(GEN)/release.c: hack/embed.sh $(GEN)/release.list $(RELEASE)
	$(call say,EMBED,$@)
	$(Q)hack/embed.sh -s release_files -i hack/devcloud/boot/release_files.h -t release_file . $(RELEASE) >$@
EXTRA_OBJ_hack/devcloud := $(OBJ)/gen/release.o

SYNCSETS_SCHEMA := $(sort $(notdir $(wildcard rp/syncsets/schema/*.sql)))
$(GEN)/syncsets_schema.list: FORCE
	@printf '%s\n' $(SYNCSETS_SCHEMA) | { $(write-if-changed); }
$(GEN)/syncsets_schema.c: hack/embed.sh $(GEN)/syncsets_schema.list $(addprefix rp/syncsets/schema/,$(SYNCSETS_SCHEMA))
	$(call say,EMBED,$@)
	$(Q)twice=$$(printf '%s\n' $(SYNCSETS_SCHEMA) | sed 's/_[a-z_]*//' | sort | uniq -d); \
		[ -z "$$twice" ] || { echo "rp/syncsets/schema: two migrations have one number:" $$twice >&2; exit 1; }
	$(Q)hack/embed.sh -s syncsets_schema rp/syncsets/schema $(SYNCSETS_SCHEMA) >$@
EXTRA_OBJ_rp/syncsets := $(OBJ)/gen/syncsets_schema.o

# Archives. The list makes a removed source leave its archive.
define layer-rules
$(call archive,$(1)): $(call objects,$(LAYER_SRC_$(1))) $(EXTRA_OBJ_$(1)) $(call archive,$(1)).list
	$$(call say,AR,$$(@F))
	$$(Q)rm -f $$@ && $(AR) rcs $$@ $$(filter %.o,$$^)
$(call archive,$(1)).list: FORCE
	@printf '%s\n' $(LAYER_SRC_$(1)) | { $$(write-if-changed); }
endef
$(foreach l,$(LIVE_LAYERS),$(eval $(call layer-rules,$(l))))

# link LAYERS: one executable from its objects and the archives of these layers.
link = $(Q)mkdir -p $(@D); $(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
	$(addprefix -Wl$(comma)--start-group ,$(firstword $(filter %.a,$^))) \
	$(wordlist 2,999,$(filter %.a,$^)) $(if $(filter %.a,$^),-Wl$(comma)--end-group)

define program-rules
.PHONY: $(1)
$(1): $(BIN)/$(1)
$(BIN)/$(1): $(call objects,$(PROGRAM_SRC_$(1))) $(call archives,$(call uses,$(1)))
	$$(call say,LINK,$$(@F))
	$$(link) $(call libraries,$(call uses,$(1)))
endef
$(foreach p,$(PROGRAMS),$(eval $(call program-rules,$(p))))

# Programs of one file (fuzzers, benchmarks) link what the folders that they include may use.
included = $(call closure,$(sort $(foreach i,$(shell sed -n 's/^#include "\(.*\)"/\1/p' $(1)),$(call layer-of,$(i)))))
define single-rules
$(BIN)/$(notdir $(1:.c=)): $(call objects,$(1)) $(call archives,$(call included,$(1)))
	$$(call say,LINK,$$(@F))
	$$(link) $(call libraries,$(call included,$(1)))
endef

# --- Unit tests ----------------------------------------------------------------------------------

# Helpers in test/unit/support/*.c serve every test and use pkg/base at most. Helpers of a layer live in
# test/unit/support/LAYER/ and are linked only into tests that may use that layer.
$(foreach s,$(SUPPORT_SRC),$(eval SUPPORT_LAYER_$(s) := \
	$(or $(call layer-of,$(patsubst test/unit/support/%,%,$(s))),pkg/base)))
support-src = $(foreach s,$(filter-out test/unit/support/joint/%,$(SUPPORT_SRC)),$(if \
	$(filter $(SUPPORT_LAYER_$(s)),$(1)),$(s)))

# What the tests below test/unit/PATH link: the layer's closure; tests of a program take the program's own
# objects without its main.c; tests of anything else may use every layer.
test-path = $(patsubst test/unit/%,%,$(1))
test-program = $(strip $(foreach p,$(PROGRAMS),$(if $(filter $(call program-dir,$(p))/%,$(call test-path,$(1))),$(p))))
# These say themselves what they link: the product against what simulates its surroundings.
TEST_LAYERS_test_dynamic_azure := rp/validate hack/devcloud
test-layers = $(if $(call test-program,$(1)),$(call uses,$(call test-program,$(1))),$(call closure,\
	$(or $(TEST_LAYERS_$(notdir $(1:.c=))),$(call layer-of,$(call test-path,$(1))),$(LIVE_LAYERS))))
test-binary = $(patsubst %.c,$(OUT)/%,$(1))

# Tests that join the product's installer with the development cloud: layers that share names of functions, and so do their
# helpers. What these tests link is told here.
is-joint = $(filter test/unit/test/devcloud/%,$(1))
JOINT_LAYERS := hack/devcloud rp/cluster
JOINT_SUPPORT := $(addprefix test/unit/support/,fake_env.c hack/devcloud/boot_files.c hack/devcloud/fake_cloud.c \
	hack/devcloud/trees.c rp/cluster/install_inputs.c)
# Likewise what applies sets to a cluster that is simulated in the same process.
is-applying = $(filter test/unit/rp/syncsets/apply/% test/unit/rp/syncsets/remote/%,$(1))
APPLYING_LAYERS := hack/devcloud rp/syncsets
APPLYING_SUPPORT := $(filter test/unit/support/joint/syncsets/%,$(SUPPORT_SRC)) \
	$(addprefix test/unit/support/,fake_env.c certs.c)
all-test-layers = $(if $(call is-joint,$(1)),$(call closure,$(JOINT_LAYERS)),$(if \
	$(call is-applying,$(1)),$(call closure,$(APPLYING_LAYERS)),$(call test-layers,$(1))))
all-support = $(if $(call is-joint,$(1)),$(JOINT_SUPPORT),$(if $(call is-applying,$(1)),\
	$(APPLYING_SUPPORT),$(call support-src,$(2))))

define test-rules
$(call test-binary,$(1)): LAYERS_USED := $(2)
$(call test-binary,$(1)): $(call objects,$(1)) $(call objects,$(call all-support,$(1),$(2))) \
		$(call objects,$(filter-out %/main.c,$(PROGRAM_SRC_$(call test-program,$(1))))) \
		$(call archives,$(2)) | deps-test
	$$(call say,LINK,$(patsubst %.c,%,$(1)))
	$$(link) $(TEST_LDFLAGS) $(call libraries,$(2)) -lcmocka
endef
# Tests of the frontend may call it as customers do, with a client that it does not use itself; those of enrichment ask a
# cluster in memory, which is the operator's.
with-client = $(1) $(if $(filter rp/frontend,$(1)),pkg/client) $(if $(filter rp/enrich,$(1)),$(call closure,operator))
$(foreach t,$(TEST_SRC),$(eval $(call test-rules,$(t),$(sort $(call with-client,$(call all-test-layers,$(t))) \
	$(if $(call test-program,$(t)),$(if $(USES_$(call test-program,$(t))),,pkg/base))))))
$(call objects,$(TEST_SRC) $(SUPPORT_SRC)): | deps-test

# Programs that tests start as processes (a sibling, a server) are named here.
TESTS_NEED := $(addprefix $(BIN)/,$(filter aro aro-operator aro-rp azuresim client-example devcloud rp-scripted,$(PROGRAMS)))
# T is a folder ("pkg/kube"), a file of the tree ("pkg/base/json.c") or a test ("test/unit/pkg/base/test_json.c");
# a folder of helpers stands for the tests of their layer.
select = $(filter $(patsubst test/unit/test/unit/%,test/unit/%,$(foreach t,$(patsubst test/unit/support/%,%,$(T:/=)),\
	test/unit/$(t) test/unit/$(t)/% test/unit/$(dir $(t))test_$(notdir $(t)) test/unit/$(t).c)),$(1))
SELECTED_TESTS := $(if $(T),$(call select,$(TEST_SRC)),$(TEST_SRC))
SELECTED_SCRIPTS := $(if $(T),$(call select,$(TEST_SCRIPTS)),$(TEST_SCRIPTS))

# Tests mostly wait, so twice as many run at once as are compiled. Under a sanitizer, tests of shell scripts have nothing to
# say but those that start programs.
RUN_JOBS ?= $(shell echo $$((2 * $(JOBS))))
RUN_SCRIPTS = $(if $(SAN),$(filter-out test/unit/hack/test_%,$(SELECTED_SCRIPTS)),$(SELECTED_SCRIPTS))

unit: $(call test-binary,$(SELECTED_TESTS)) $(if $(filter test/unit/cmd/% test/unit/hack/devcloud/main/% test/unit/test/%,$(SELECTED_TESTS) $(SELECTED_SCRIPTS)),$(TESTS_NEED)) | deps-test ## Unit tests; T=PATH limits them to a folder or file.
	$(Q)BIN=$(abspath $(BIN)) CC=$(CC) TIMEOUT=$(TEST_TIMEOUT) JOBS=$(RUN_JOBS) hack/run-tests.sh \
		-s $(OUT)/unit.result -b $(OUT)/test/unit -b test/unit \
		$(call test-binary,$(SELECTED_TESTS)) $(RUN_SCRIPTS)

# What "make test" runs, in order; more join below when their parts are in the tree.
TEST_STAGES := 'unit: $(MAKE) unit'

test: ## Everything quick; ends with "N passed, N failed".
	+$(Q)hack/run-stages.sh $(TEST_STAGES)

asan: ## Unit tests under the address and undefined-behaviour sanitizers.
	$(Q)$(MAKE) SAN=asan unit

tsan: ## Unit tests under the thread sanitizer.
	$(Q)$(MAKE) SAN=tsan unit

coverage: | deps-coverage ## Unit tests with line coverage; writes $(BUILD)/coverage/index.html.
	$(Q)$(MAKE) SAN=coverage unit
	$(Q)gcovr --root . --object-directory $(BUILD)/coverage/obj --exclude 'test/' --exclude '.*llhttp.*' \
		--print-summary --html-details $(BUILD)/coverage/index.html --output $(BUILD)/coverage/index.html

# --- Checks --------------------------------------------------------------------------------------

lint: | deps-lint deps-build ## Format, tidy, cppcheck, layers, sizes, tests, words, commits, shell.
	$(Q)JOBS=$(JOBS) hack/lint.sh $(LANGUAGE) -DVERSION='"$(COMMIT)"' $(BANNED)

fmt: | deps-lint ## Format every C source with clang-format.
	$(Q)clang-format -i $(shell find $(SOURCE_ROOTS) -name node_modules -prune -o -name '*.[ch]' -print)

ifneq ($(FUZZ_SRC),)
TARGETS += fuzz fuzz-build
FUZZ_NAMES := $(patsubst test/fuzz/%.c,%,$(FUZZ_SRC))

fuzz: | deps-fuzz ## Run each fuzzer for FUZZ_SECONDS (60).
	$(Q)$(MAKE) SAN=fuzz fuzz-build
	$(Q)FUZZ_SECONDS=$(FUZZ_SECONDS) JOBS=$(JOBS) ARTIFACTS=$(BUILD)/fuzz/artifacts hack/run-fuzz.sh \
		$(addprefix $(BUILD)/fuzz/bin/,$(FUZZ_NAMES))

ifeq ($(SAN),fuzz)
fuzz-build: $(addprefix $(BIN)/,$(FUZZ_NAMES))
$(foreach s,$(FUZZ_SRC),$(eval $(call single-rules,$(s))))
else
fuzz-build:
	$(Q)$(MAKE) SAN=fuzz fuzz-build
endif
endif

ifneq ($(filter generate,$(PROGRAMS)),)
TARGETS += generate

generate: $(BIN)/generate ## Write what the code's tables make: roles, reference pages, the readme's list, swagger files.
	$(Q)$(BIN)/generate
endif

ifneq ($(filter deploy-operator,$(PROGRAMS)),)
TARGETS += deploy-operator
export ARO_IMAGE

deploy-operator: $(BIN)/deploy-operator ## Put the operator into the cluster of KUBECONFIG; ARO_IMAGE chooses its image.
	$(Q)$(BIN)/deploy-operator --wait
endif

# --- Figures -------------------------------------------------------------------------------------

# A benchmark of one program prints by itself; those of several are scripts (bench_x.sh) over other programs of the folder.
BENCH_SRC := $(filter test/bench/bench_%,$(SOURCES))
BENCH_SCRIPTS := $(sort $(wildcard test/bench/bench_*.sh))
ifneq ($(BENCH_SRC)$(BENCH_SCRIPTS),)
TARGETS += bench
BENCHES := $(patsubst test/bench/%.c,$(BIN)/%,$(BENCH_SRC))
BENCH_PARTS := $(patsubst test/bench/%.c,$(BIN)/%,$(filter-out $(BENCH_SRC),$(filter test/bench/%,$(SOURCES))))
$(foreach s,$(filter test/bench/%,$(SOURCES)),$(eval $(call single-rules,$(s))))

bench: $(BENCHES) $(BENCH_PARTS) $(filter $(addprefix $(BIN)/,aro aro-operator aro-rp aro-syncsets azuresim devcloud),$(PROGRAMS:%=$(BIN)/%)) | deps-envtest deps-database deps-broker deps-bench ## Print figures beside their bars and the machine's limits; judge nothing.
	$(Q)for bench in $(BENCHES) $(BENCH_SCRIPTS); do echo "== $${bench##*/}"; BIN=$(abspath $(BIN)) "$$bench"; done
endif

ifneq ($(and $(wildcard test/bench/soak.sh),$(filter aro-operator,$(PROGRAMS))),)
TARGETS += soak
export SOAK_SECONDS SOAK_FAULT_S

soak: $(BIN)/soak_informer $(BIN)/aro-operator | deps-envtest ## Informer and operator amid writes and faults for SOAK_SECONDS (600); prints figures, judges nothing.
	$(Q)BIN=$(abspath $(BIN)) test/bench/soak.sh
endif

# --- The real Kubernetes control plane ------------------------------------------------------------

ifneq ($(wildcard hack/envtest-build.sh),)
TARGETS += envtest envtest-check

envtest: ## Build the real Kubernetes control plane, once; prints where it is.
	$(Q)hack/envtest-build.sh

envtest-check: | deps-envtest ## Start the real control plane, break it and mend it.
	$(Q)hack/envtest-check.sh

ifneq ($(filter admincheck,$(PROGRAMS)),)
TARGETS += admin-check
E2E_STAGES_REAL += 'admin: $(MAKE) admin-check'

admin-check: $(BIN)/admincheck | deps-envtest ## The administrators' routes into clusters, on the real API server.
	$(Q)BIN=$(abspath $(BIN)) test/admincheck/run.sh
endif
endif

# --- Foreign clients ------------------------------------------------------------------------------

# The packages of a folder, as its lock file says.
%/node_modules/.package-lock.json: %/package.json %/package-lock.json %/.npmrc | deps-node
	$(call say,NPM,$*)
	$(Q)cd $* && npm ci --silent && touch node_modules/.package-lock.json

ifneq ($(filter cosmoscheck,$(PROGRAMS)),)
TARGETS += cosmos-check
E2E_STAGES += 'cosmos: $(MAKE) cosmos-check'

COSMOS_SUITE := $(call test-binary,test/unit/pkg/database/test_conformance.c)
cosmos-check: $(BIN)/cosmoscheck $(BIN)/azuresim $(COSMOS_SUITE) test/cosmoscheck/node_modules/.package-lock.json | deps-test deps-node ## The document store's driver for Cosmos DB against a server of its interface.
	$(Q)BIN=$(abspath $(BIN)) NODE_HOME=$(abspath $(BUILD))/node TIMEOUT=$(TEST_TIMEOUT) JOBS=1 test/cosmoscheck/run.sh $(COSMOS_SUITE)
endif

ifneq ($(filter azuritecheck,$(PROGRAMS)),)
TARGETS += azurite-check
E2E_STAGES += 'azurite: $(MAKE) azurite-check'

azurite-check: $(BIN)/azuritecheck $(BIN)/azuresim test/azuritecheck/node_modules/.package-lock.json | deps-test deps-node ## The storage client against Azurite and the simulated Azure, and both against each other.
	$(Q)BIN=$(abspath $(BIN)) NODE_HOME=$(abspath $(BUILD))/node test/azuritecheck/run.sh
endif

# A development cloud, as its users start it: devcloud, and what it starts.
CLOUD_PROGRAMS := $(addprefix $(BIN)/,$(filter devcloud azuresim aro aro-rp aro-syncsets rp-scripted,$(PROGRAMS)))

ifneq ($(and $(filter devcloud,$(PROGRAMS)),$(wildcard test/sdk/package.json)),)
TARGETS += sdk-test
E2E_STAGES += 'sdk: $(MAKE) sdk-test'

sdk-test: $(CLOUD_PROGRAMS) test/sdk/node_modules/.package-lock.json | deps-test deps-node ## Microsoft's own clients against the simulated Azure, and the resource provider behind it.
	$(Q)BIN=$(abspath $(BIN)) NODE_HOME=$(abspath $(BUILD))/node test/sdk/run.sh
endif

ifneq ($(and $(filter devcloud,$(PROGRAMS)),$(wildcard test/lifecycle/test_lifecycle.sh)),)
TARGETS += lifecycle-check
E2E_STAGES += 'lifecycle: $(MAKE) lifecycle-check'
LIFECYCLE_TESTS := $(sort $(filter-out %/test_faults.sh,$(wildcard test/lifecycle/test_*.sh)))

lifecycle-check: $(CLOUD_PROGRAMS) $(addprefix $(BIN)/,aro-operator standin-installer) | deps-test deps-names deps-envtest deps-az ## Whole lives of clusters in the simulated Azure, refused ones, and their credentials.
	$(Q)BIN=$(abspath $(BIN)) TIMEOUT=600 JOBS=$(JOBS) hack/run-tests.sh -b test $(LIFECYCLE_TESTS)

TARGETS += lifecycle-faults
E2E_STAGES += 'faults: $(MAKE) lifecycle-faults'
FAULT_STRIDE ?= 1

lifecycle-faults: $(CLOUD_PROGRAMS) | deps-test ## Every call to Azure of clusters' creation and deletion fails once; FAULT_STRIDE=N: each N-th of those that end badly.
	$(Q)BIN=$(abspath $(BIN)) FAULT_STRIDE=$(FAULT_STRIDE) TIMEOUT=900 JOBS=1 hack/run-tests.sh -b test test/lifecycle/test_faults.sh
endif

ifneq ($(and $(filter devcloud,$(PROGRAMS)),$(wildcard test/lifecrash/test_lifecrash.sh)),)
TARGETS += lifecycle-crash
CRASH_STAGES += 'lifecycle: $(MAKE) lifecycle-crash'

lifecycle-crash: $(CLOUD_PROGRAMS) | deps-test ## Kill resource providers at every step of clusters' creation and deletion; CRASH_LIVES=N tries some, CRASH_FIRST_LIVES=N (1) of the first layout.
	$(Q)BIN=$(abspath $(BIN)) TIMEOUT=900 JOBS=1 hack/run-tests.sh -b test $(sort $(wildcard test/lifecrash/test_*.sh))
endif

ifneq ($(and $(filter devcloud,$(PROGRAMS)),$(wildcard test/az/test_az.sh)),)
TARGETS += az-check
E2E_STAGES += 'az: $(MAKE) az-check'

az-check: $(CLOUD_PROGRAMS) | deps-test deps-az ## The Azure CLI against a development cloud: Azure alone, lives of clusters, the first hour of a user.
	$(Q)BIN=$(abspath $(BIN)) TIMEOUT=600 JOBS=$(JOBS) hack/run-tests.sh -b test $(sort $(wildcard test/az/test_*.sh))
endif

# --- Published descriptions -----------------------------------------------------------------------

ifneq ($(wildcard test/swagger/test_swagger.sh),)
TARGETS += swagger-check

swagger-check: | deps-swagger ## The swagger files, judged by somebody else's validator.
	$(Q)hack/run-tests.sh -b test test/swagger/test_swagger.sh
endif

# --- The resource provider ------------------------------------------------------------------------

ifneq ($(filter rpcrash,$(PROGRAMS)),)
TARGETS += rp-crash
CRASH_STAGES += 'rp: $(MAKE) rp-crash'

# CRASH_STORES limits it to some of them.
CRASH_STORES ?= sqlite postgresql cosmos
rp-crash-in-sqlite :=
rp-crash-in-postgresql := test/harness/postgresql/run.sh
rp-crash-in-cosmos := NODE_HOME=$(abspath $(BUILD))/node test/cosmoscheck/serve.sh --tls

rp-crash: $(BIN)/rpcrash test/cosmoscheck/node_modules/.package-lock.json | deps-database deps-node ## Kill and freeze resource providers at random instants for CRASH_SECONDS (60) while clients use them, on each document store.
	$(Q)hack/run-stages.sh $(foreach s,$(CRASH_STORES),'$(s): $(rp-crash-in-$(s)) $(abspath $(BIN))/rpcrash $${CRASH_SECONDS:-60}')
endif

# --- Databases ------------------------------------------------------------------------------------

TARGETS += store-check
E2E_STAGES += 'store: $(MAKE) store-check'
STORE_TESTS := $(foreach t,conformance kill,$(call test-binary,test/unit/pkg/database/test_$(t).c))

store-check: $(STORE_TESTS) | deps-database ## The suite of document stores on a real PostgreSQL.
	$(Q)TIMEOUT=$(TEST_TIMEOUT) JOBS=1 test/harness/postgresql/run.sh hack/run-tests.sh -b $(OUT)/test/unit $(STORE_TESTS)

# --- End to end -----------------------------------------------------------------------------------

ifneq ($(filter e2e,$(PROGRAMS)),)
TARGETS += e2e envtest-e2e crash operator-crash platform run-operator-master run-operator-worker
CRASH_STAGES += 'operator: $(MAKE) operator-crash'
E2E_PROGRAMS := $(addprefix $(BIN)/,aro aro-operator deploy-operator simkubelet azuresim faultproxy e2e \
	$(filter devcloud,$(PROGRAMS)))
E2E_PLATFORM ?= $(if $(filter devcloud,$(PROGRAMS)),devcloud,envtest)
FOCUS ?=
export FOCUS
e2e-arguments := $(if $(FOCUS),--focus "$$FOCUS")

e2e: $(E2E_PROGRAMS) | deps-envtest ## The operator's suite on the virtual cluster, then each check of the other parts on real clients and databases; FOCUS=REGEX: only these cases of the suite.
	+$(Q)hack/run-stages.sh 'suite: BIN=$(abspath $(BIN)) hack/e2e.sh --platform $(E2E_PLATFORM) $(e2e-arguments)' $(if $(FOCUS),,$(E2E_STAGES) $(E2E_STAGES_REAL))

envtest-e2e: $(E2E_PROGRAMS) | deps-envtest ## The same suite on the real control plane, and drills that break it.
	$(Q)BIN=$(abspath $(BIN)) hack/e2e.sh --platform envtest --drills $(e2e-arguments)

operator-crash: $(E2E_PROGRAMS) | deps-envtest ## Kill the operator at random instants for CRASH_SECONDS (600), on the real control plane.
	$(Q)BIN=$(abspath $(BIN)) hack/e2e.sh --platform envtest --crash
crash: ## Kill everything: the operator, resource providers on each document store, and at each step of clusters' lives; CRASH_SECONDS (120), CRASH_LIVES.
	+$(Q)CRASH_SECONDS=$${CRASH_SECONDS:-120} hack/run-stages.sh $(CRASH_STAGES)

platform: $(E2E_PROGRAMS) | deps-envtest ## A cluster to try the operator on, until Ctrl-C; E2E_PLATFORM=envtest|devcloud.
	$(Q)BIN=$(abspath $(BIN)) hack/run-platform.sh --platform $(E2E_PLATFORM) $(abspath $(BUILD)/platform)

# A few cases that go through every part: the pods' logs, a check, a repair, a DaemonSet, Azure, machines.
ifneq ($(filter devcloud,$(PROGRAMS)),)
TARGETS += smoke
TEST_STAGES += 'smoke: $(MAKE) smoke'
SMOKE_FOCUS := log no errors|healthy conditions|answer health checks|malformed DNS|restore the machine health check|restore deleted log shippers|add missing service endpoints|keep at least two workers

smoke: $(E2E_PROGRAMS) | deps-envtest ## A few end-to-end cases on the virtual cluster, in less than a minute.
	$(Q)BIN=$(abspath $(BIN)) hack/e2e.sh --platform devcloud --focus '$(SMOKE_FOCUS)'
endif

run-operator-master run-operator-worker: run-operator-%: $(BIN)/aro $(BIN)/aro-operator
	$(Q)BIN=$(abspath $(BIN)) hack/run-operator.sh $*
run-operator-master: ## Run the master from this build against the cluster of KUBECONFIG.
run-operator-worker: ## Run the worker from this build against the cluster of KUBECONFIG.
endif

ifneq ($(filter devcloud,$(PROGRAMS)),)
TARGETS += run devcloud-up devcloud-down admin.kubeconfig

run: $(CLOUD_PROGRAMS) $(BIN)/aro-operator | deps-envtest ## A development cloud with a cluster in it, shown step by step, until Ctrl-C. RUN=OPTIONS (devcloud run --help).
	$(Q)$(BIN)/devcloud run $(RUN)

# The scripts read the documents that the environment names; without one those of the development cloud.
.PHONY: admin.kubeconfig
admin.kubeconfig: $(BIN)/aro-rp $(BIN)/devcloud ## The administrator's kubeconfig of the cluster CLUSTER in RESOURCEGROUP (by default CLUSTER, too).
	$(Q)if [ -z "$${RP_MODE:-}" ]; then eval "$$($(BIN)/devcloud env)"; fi; \
	CLUSTER=$${CLUSTER:-cluster}; \
	BIN=$(abspath $(BIN)) hack/get-admin-kubeconfig.sh "/subscriptions/$$AZURE_SUBSCRIPTION_ID/resourceGroups/$${RESOURCEGROUP:-$$CLUSTER}/providers/Microsoft.RedHatOpenShift/openShiftClusters/$$CLUSTER" $@

devcloud-up: $(CLOUD_PROGRAMS) | deps-az ## Simulated Azure and a resource provider on this machine, in the background; prints what to do. UP=OPTIONS (devcloud up --help).
	$(Q)$(BIN)/devcloud up --detach $(UP)

devcloud-down: $(BIN)/devcloud ## End it.
	$(Q)$(BIN)/devcloud down
endif

ifneq ($(filter aro-rp,$(PROGRAMS)),)
TARGETS += run-rp

run-rp: $(BIN)/aro $(BIN)/aro-rp ## Run the resource provider with the environment of the file env (see env.example).
	$(Q)[ -f env ] || { echo 'no file env: copy env.example to env and edit it' >&2; exit 1; }
	$(Q). ./env; exec $(BIN)/aro rp
endif

ifneq ($(filter aro-syncsets,$(PROGRAMS)),)
TARGETS += run-syncsets syncsets-check
E2E_STAGES += 'syncsets: $(MAKE) syncsets-check'

run-syncsets: $(BIN)/aro $(BIN)/aro-syncsets ## Run the SyncSets API on 127.0.0.1:7070, its data in ./syncsets-data (or, with keys and a schema of its own, where POSTGRES_PARAMS says).
	$(Q)SYNCSETS_LISTEN="$${SYNCSETS_LISTEN:-127.0.0.1:7070}" exec $(BIN)/aro syncsets api --log-format text

SYNCSETS_TESTS := $(foreach t,$(filter test/unit/pkg/amqp/% test/unit/cmd/aro-syncsets/test_controller.c $(addprefix test/unit/rp/syncsets/,store/% api/% queue/% controllers/%),$(TEST_SRC)),$(call test-binary,$(t)))
syncsets-check: $(SYNCSETS_TESTS) $(addprefix $(BIN)/,aro aro-syncsets devcloud load_syncsets serve_clusters) | deps-database deps-broker deps-envtest ## The SyncSets store, API, queue and controllers on a real PostgreSQL and a real RabbitMQ, and their manifests.
	$(Q)BIN=$(abspath $(BIN)) TIMEOUT=600 JOBS=1 test/harness/postgresql/run.sh test/harness/rabbitmq/run.sh \
		hack/run-tests.sh -b $(OUT)/test/unit -b test $(SYNCSETS_TESTS) test/syncsets/test_deploy.sh test/syncsets/test_bench.sh

# What ends a recipe that nobody named an image for.
need-img = $(if $(IMG),,$(error IMG is not set: the image of SyncSets, as in "make $@ IMG=registry.example.com/syncsets:1"))
TARGETS += docker-build-syncsets docker-push-syncsets deploy-syncsets

docker-build-syncsets: | deps-image ## The image of SyncSets (Dockerfile.aro), called IMG.
	$(need-img)$(Q)ARO_IMAGE="$(IMG)" TARGET=syncsets COMMIT=$(COMMIT) hack/image-aro.sh build

docker-push-syncsets: | deps-image ## Build and push it; IMG is its name, DST_AUTH a login.
	$(need-img)$(Q)ARO_IMAGE="$(IMG)" TARGET=syncsets COMMIT=$(COMMIT) hack/image-aro.sh publish

deploy-syncsets: ## Put SyncSets into the cluster of KUBECONFIG; IMG is its image (rp/syncsets/manifests).
	$(need-img)$(Q)IMG="$(IMG)" hack/deploy-syncsets.sh

ifneq ($(filter faultproxy,$(PROGRAMS)),)
TARGETS += syncsets-apply-check
E2E_STAGES_REAL += 'syncsets-apply: $(MAKE) syncsets-apply-check'

# Other tests of clusters want servers newer than the real one, or look into the virtual one.
APPLY_TESTS := $(foreach t,$(filter test/unit/rp/syncsets/apply/% $(addprefix test/unit/rp/syncsets/remote/test_,probe.c \
	remote.c remote_kinds.c),$(TEST_SRC)),$(call test-binary,$(t)))
syncsets-apply-check: $(BIN)/faultproxy $(APPLY_TESTS) | deps-envtest ## The tests that apply SyncSets to a cluster, on the real API server.
	$(Q)BIN=$(abspath $(BIN)) TIMEOUT=300 test/syncsetsapply/run.sh -b $(OUT)/test/unit $(APPLY_TESTS)
endif
endif

ifneq ($(filter synccrash,$(PROGRAMS)),)
TARGETS += syncsets-crash
CRASH_STAGES += 'syncsets: $(MAKE) syncsets-crash'

syncsets-crash: $(addprefix $(BIN)/,synccrash aro aro-syncsets) | deps-database deps-broker ## Kill and freeze SyncSets, its database and its broker at random instants for CRASH_SECONDS (120) while clients change sets; CRASH_SEED repeats the choices.
	$(Q)BIN=$(abspath $(BIN)) test/synccrash/run.sh $${CRASH_SECONDS:-120}
endif

ifneq ($(filter conformance,$(PROGRAMS)),)
TARGETS += conformance-check

CLIENT_NODE := test/conformance/client-node/node_modules/.package-lock.json

conformance-check: $(addprefix $(BIN)/,conformance devcloud simkubelet) $(CLIENT_NODE) | deps-envtest deps-node ## The same requests, kubectl and a Node client on the real and on the virtual API server.
	$(Q)BIN=$(abspath $(BIN)) NODE_HOME=$(abspath $(BUILD))/node test/conformance/run.sh
endif

# --- Image ---------------------------------------------------------------------------------------

ifneq ($(filter aro-operator,$(PROGRAMS)),)
TARGETS += image-aro publish-image-aro-multistage image-test
export ARO_IMAGE DST_ACR_NAME DST_AUTH DST_QUAY IMAGE_TOOL BUILDER BASE

image-aro: | deps-image ## The operator's image (Dockerfile.aro), by docker, podman or buildah.
	$(Q)COMMIT=$(COMMIT) hack/image-aro.sh build

publish-image-aro-multistage: | deps-image ## Build and push it; ARO_IMAGE, DST_ACR_NAME, DST_QUAY, DST_AUTH.
	$(Q)COMMIT=$(COMMIT) hack/image-aro.sh publish

image-test: | deps-image-test ## Build, start and push the image, on a base and a registry of its own.
	$(Q)TIMEOUT=2500 hack/run-tests.sh -b test test/image/test_images.sh
endif

.PHONY: $(TARGETS)

-include $(patsubst %.o,%.d,$(call objects,$(SOURCES)) $(OBJ)/gen/staticresources.o $(OBJ)/gen/cluster_templates.o $(OBJ)/gen/syncsets_schema.o)
