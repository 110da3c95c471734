# smbscope: everything is built from here, all output goes under build/ (or O=).
#   MODE=debug|release  SANITIZE=address,undefined  COVERAGE=1  FUZZ=1  DEVELOPER=1  V=1
# each of MODE, SANITIZE, COVERAGE and FUZZ has a sub-folder of its own.

MODE    ?= release
O       ?= build
HOSTCC  ?= cc
prefix  ?= /usr/local
bindir  ?= $(prefix)/bin
mandir  ?= $(prefix)/share/man
comma   := ,
B       := $(O)/$(MODE)$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))$(if $(COVERAGE),-coverage)$(if $(FUZZ),-fuzz)
VERSION := $(shell git describe --always --dirty 2>/dev/null || cat .version 2>/dev/null || echo unknown)
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

# What the program, and what its tests and recordings, need on Debian.
PACKAGES      := gcc make pkg-config libpcap-dev libncurses-dev libsqlite3-dev libssl-dev zlib1g-dev libzstd-dev libcmocka-dev
PKGS          := libpcap ncursesw sqlite3 libcrypto zlib libzstd
TOOLS_CHECK   := sqlite3 tmux

ifeq ($(FUZZ),1)
CC := clang
endif
ALL_CPPFLAGS := -I. -Isrc -Idissectors -I$(B) -D_GNU_SOURCE -include src/base/banned.h $(CPPFLAGS)
WARNINGS     := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wundef
ALL_CFLAGS   := -std=gnu11 $(WARNINGS) $(if $(DEVELOPER),-Werror) $(if $(filter release,$(MODE)),-O2,-O1) -g -pthread \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined) \
	$(if $(COVERAGE),--coverage) $(if $(FUZZ),-fsanitize=fuzzer-no-link) $(CFLAGS)
ALL_LDFLAGS  := -pthread $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(if $(COVERAGE),--coverage) $(LDFLAGS)

SRC     := $(sort $(wildcard src/*/*.c dissectors/*.c dissectors/*/*.c))
OBJ     := $(SRC:%.c=$(B)/%.o)
LIB_OBJ := $(filter-out $(B)/src/cli/main.o,$(OBJ))
HDR     := $(sort $(wildcard src/*/*.h dissectors/*.h dissectors/*/*.h))
UNIT    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
TOOLS   := $(patsubst tests/tools/%.c,$(B)/tools/%,$(sort $(wildcard tests/tools/*.c)))
BENCH   := $(patsubst tests/bench/%.c,$(B)/bench/%,$(sort $(wildcard tests/bench/*.c)))
REPLAY  := $(patsubst tests/fuzz/fuzz_%.c,$(B)/fuzz/replay_%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
IDL     := $(sort $(wildcard dissectors/rpc/idl/*.idl))
GEN     := $(B)/gen/fields_all.def $(B)/gen/fields_rpc.def $(B)/gen/fields_both.def $(B)/gen/fields_rpc.h $(B)/gen/names_all.def $(B)/gen/rpc/tables.inc

.PHONY: all
all: $(O)/smbscope ## the program: build/smbscope

# build/smbscope is always the one built last.
$(O)/smbscope: $(B)/smbscope
	$(Q)ln -sf $(patsubst $(O)/%,%,$(B))/smbscope $@

$(B)/smbscope: $(OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# `demo` and `check` install the libraries first and build in a make of their own.
ifeq ($(filter help deps demo check clean uninstall dist,$(MAKECMDGOALS)),)
include $(O)/config.mk
endif

# Probed once; removed by `make clean`, made again when this file changes.
$(O)/config.mk: Makefile
	$(Q)mkdir -p $(O)
	$(Q)for p in $(PKGS) cmocka; do pkg-config --exists $$p || { echo "smbscope needs the library $$p: apt-get install $(PACKAGES) (or: make deps)" >&2; exit 1; }; done
	$(Q){ echo "LIBS := $$(pkg-config --libs $(PKGS))"; echo "LIB_CFLAGS := $$(pkg-config --cflags $(PKGS))"; \
	  echo "CMOCKA_LIBS := $$(pkg-config --libs cmocka)"; } > $@

# Every object depends on the flags it was built with.
$(B)/flags: FORCE
	$(Q)mkdir -p $(B)/gen
	$(Q)echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LIB_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LIB_CFLAGS)' > $@
.PHONY: FORCE

# Registries made from file names: dropping in a file is enough.
define registry
	$(Q)mkdir -p $(@D)
	$(Q){ $(1); } | cmp -s - $@ || { $(1); } > $@
endef
# Each file is a section of smbscope-fields(7), titled by the first sentence of its first line.
FIELD_SECTION := FNR == 1 { id = FILENAME; gsub(/.*\/|_fields\.def/, "", id); title = $$0; sub(/^\/\* */, "", title); \
	sub(/(\.( .*)?| *\*\/)$$/, "", title); sub(/\. .*/, "", title); \
	print "SECTION(" id ", \"" title "\")\n\#include \"" FILENAME "\"" }
UNDEFINE := for m in SECTION PROTO FIELD OWN FLAG BITS; do echo "\#undef $$m"; done
$(B)/gen/fields_all.def: FORCE
	$(call registry,awk '$(FIELD_SECTION)' $(sort $(wildcard dissectors/*_fields.def dissectors/*/*_fields.def)); $(UNDEFINE))
# The interfaces' fields, which few files need to see, and how many they are.
$(B)/gen/fields_rpc.def: $(B)/gen/rpc/tables.inc FORCE
	$(call registry,awk '$(FIELD_SECTION)' $(B)/gen/rpc/*_fields.def; $(UNDEFINE))
$(B)/gen/fields_both.def: $(B)/gen/fields_all.def $(B)/gen/fields_rpc.def FORCE
	$(call registry,cat $(B)/gen/fields_all.def $(B)/gen/fields_rpc.def | grep -v '^.undef'; $(UNDEFINE))
$(B)/gen/fields_rpc.h: $(B)/gen/rpc/tables.inc FORCE
	$(call registry,echo "#define RPC_FIELDS $$(cat $(B)/gen/rpc/*_fields.def | grep -c '^[A-Z]')")
$(B)/gen/names_all.def: $(B)/gen/rpc/tables.inc FORCE
	$(call registry,printf '#include "%s"\n' $(sort $(wildcard dissectors/*_names.def dissectors/*/*_names.def)) $(B)/gen/rpc/*_names.def)
# The interfaces of DCE/RPC, compiled by a program of our own, which is made for the machine that builds.
$(B)/gen/idlc: $(wildcard dissectors/rpc/idl/*.[ch])
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O1 -o $@ $(filter %.c,$^)
$(B)/gen/rpc/tables.inc: $(B)/gen/idlc $(IDL) $(wildcard dissectors/rpc/idl)
	$(call say,IDL,$(@D))
	$(Q)rm -rf $(@D) && mkdir -p $(@D) && $(B)/gen/idlc $(@D) $(IDL)
$(B)/gen/version.h: FORCE
	$(call registry,echo '#define SMBSCOPE_VERSION "$(VERSION)"')

COMPILE = $(CC) $(ALL_CPPFLAGS) $(LIB_CFLAGS) $(ALL_CFLAGS) -MMD -MP
$(B)/%.o: %.c $(B)/flags | $(GEN) $(B)/gen/version.h
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -c -o $@ $<

$(B)/libsmbscope.a: $(LIB_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/unit/%: $(B)/tests/unit/%.o $(B)/libsmbscope.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(CMOCKA_LIBS) $(LIBS)
$(B)/tools/%: $(B)/tests/tools/%.o $(B)/libsmbscope.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(B)/props/%: $(B)/tests/props/%.o $(B)/libsmbscope.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
# A fuzz target with a plain main that feeds it files; with FUZZ=1, libFuzzer's.
$(B)/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(B)/libsmbscope.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
fuzz-%: FORCE ## run a fuzz target with clang: make fuzz-NAME [SECONDS=600]
	$(Q)$(MAKE) --no-print-directory MODE=release FUZZ=1 $(SAN) $(O)/release-address-undefined-fuzz/fuzz/fuzz_$*
	$(Q)mkdir -p $(O)/corpus/$* && $(O)/release-address-undefined-fuzz/fuzz/fuzz_$* -max_total_time=$(or $(SECONDS),600) \
	  -timeout=20 -rss_limit_mb=1500 -artifact_prefix=$(O)/fuzz-$*- $(O)/corpus/$* tests/fuzz/corpus/$*
$(B)/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/libsmbscope.a
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)
$(B)/bench/%: $(B)/tests/bench/%.o $(B)/libsmbscope.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# By the pattern of the rule that makes them, or they count as intermediate and are removed.
.PRECIOUS: $(B)/%.o
-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: tools
tools: $(TOOLS)

# --- tests: every suite ends with a line `name: N passed, N failed, N skipped` ---

SAN     := SANITIZE=address,undefined
PROPS   := $(patsubst tests/props/%.c,$(B)/props/%,$(sort $(wildcard tests/props/*.c)))

.PHONY: check-pdml check-filter check-smb1 check-formats check-invariance check-unit check-golden check-props check-fuzz check-rules check-tui check-live
check-unit: $(UNIT) ## unit tests (cmocka)
	$(Q)sh tests/unit/run.sh $(UNIT)
check-props: $(PROPS) $(B)/smbscope ## properties over every PDU of tests/pcaps
	$(Q)sh tests/props/run.sh $(B)
check-golden: $(B)/smbscope ## command lines and their expected output
	$(Q)sh tests/golden/run.sh $(B)/smbscope
check-tui: $(B)/smbscope ## the browser, keys in and view out
	$(Q)sh tests/tui/run.sh $(B)/smbscope
check-smb1: $(B)/smbscope ## SMB1: every command has a capture; its rows are what SMB2's are
	$(Q)sh tests/smb1/table.sh $(B)/smbscope && sh tests/smb1/same.sh $(B)/smbscope
check-live: $(B)/smbscope ## live capture in a network namespace
	$(Q)sh tests/live/run.sh $(B)/smbscope
check-filter: $(B)/smbscope ## display filters: the frames that tshark chooses
	$(Q)sh tests/filter/run.sh $(B)/smbscope tests/pcaps
check-pdml: $(B)/smbscope ## positions, sizes, values and texts of fields: tshark's
	$(Q)sh tests/pdml/run.sh $(B)/smbscope
check-formats: $(B)/smbscope ## -T fields as tshark prints them; JSON and PDML that others can read
	$(Q)sh tests/formats/run.sh $(B)/smbscope
check-invariance: $(B)/smbscope $(TOOLS) ## the same conversations in other forms give the same rows; loss
	$(Q)sh tests/invariance/run.sh $(B)/smbscope $(B)/tools/rewrite tests/pcaps
	$(Q)sh tests/invariance/loss.sh $(B)/smbscope $(B)/tools/rewrite tests/pcaps/nano_smb311.pcap
check-fuzz: $(REPLAY) ## the fuzz targets over their corpora
	$(Q)sh tests/fuzz/run.sh $(REPLAY)
check-rules: $(B)/smbscope ## the rules of the house
	$(Q)for t in tests/rules/*.sh; do sh $$t $(B)/smbscope "$(CC)" "$(ALL_CPPFLAGS) $(LIB_CFLAGS)" || exit 1; done

.PHONY: check check-all
check: ## all tests, in a sanitizer build (installs what is missing)
	$(Q)$(MAKE) --no-print-directory deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) MODE=debug $(SAN) check-build
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) check-build
	$(Q)$(MAKE) --no-print-directory MODE=debug $(SAN) check-all
	$(Q)$(MAKE) --no-print-directory check-invariance
check-build: $(B)/smbscope $(UNIT) $(PROPS) $(TOOLS) $(REPLAY)
check-all: check-unit check-rules check-golden check-tui check-filter check-pdml check-smb1 check-formats check-fuzz check-live check-props
	@echo "all suites passed"

.PHONY: man
man: $(B)/smbscope ## write the generated parts of the manual pages anew
	$(Q)for m in smbscope.1 smbscope-fields.7; do sh .ci/man.sh $(B)/smbscope man/$$m > $(O)/$$m && cat $(O)/$$m > man/$$m || exit 1; done

.PHONY: golden bench
golden: $(B)/smbscope ## write the expected output anew: make golden CASE=name
	$(Q)UPDATE=1 sh tests/golden/run.sh $(B)/smbscope $(CASE)
bench: $(B)/smbscope $(BENCH) ## speed beside libpcap and tshark, memory, costs
	$(Q)sh tests/bench/run.sh $(B) $(O)/bench

# --- installing what is missing, trying it out ---

.PHONY: deps demo
deps: ## install the Debian packages that are missing
	$(Q)sh .ci/deps.sh $(PACKAGES) $(TOOLS_CHECK)
demo: ## build, import the bundled captures, open the browser
	$(Q)sh .ci/deps.sh $(PACKAGES)
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all
	$(Q)rm -f $(O)/demo.db $(O)/demo.db-wal $(O)/demo.db-shm
	$(Q)$(O)/smbscope import -q -o $(O)/demo.db --set each tests/pcaps/*.pcap tests/pcaps/*.pcapng tests/pcaps/*.pcap.gz
	$(Q)sh .ci/demo.sh $(O)/smbscope $(O)/demo.db

# --- installing smbscope ---

INSTALL ?= install
.PHONY: install uninstall dist
install: $(B)/smbscope ## install to DESTDIR and prefix
	$(INSTALL) -d $(DESTDIR)$(bindir) $(DESTDIR)$(mandir)/man1
	$(INSTALL) -m 755 $(B)/smbscope $(DESTDIR)$(bindir)/smbscope
	$(INSTALL) -m 644 man/smbscope.1 $(DESTDIR)$(mandir)/man1/smbscope.1
	$(INSTALL) -d $(DESTDIR)$(mandir)/man7
	$(INSTALL) -m 644 man/smbscope-filter.7 man/smbscope-fields.7 $(DESTDIR)$(mandir)/man7
uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(bindir)/smbscope $(DESTDIR)$(mandir)/man1/smbscope.1 $(DESTDIR)$(mandir)/man7/smbscope-filter.7 $(DESTDIR)$(mandir)/man7/smbscope-fields.7
dist: ## the sources as an archive in build/
	$(Q)mkdir -p $(O)
	$(Q)git archive --prefix=smbscope-$(VERSION)/ --format=tar.gz -o $(O)/smbscope-$(VERSION).tar.gz HEAD

.PHONY: compile_commands
compile_commands: ## build/compile_commands.json, for editors
	$(Q)mkdir -p $(O)
	$(Q){ echo '['; sep=; for f in $(SRC); do printf '%s{"directory":"%s","file":"%s","command":"%s -c %s"}\n' "$$sep" '$(CURDIR)' $$f \
	  '$(subst ",\",$(CC) $(ALL_CPPFLAGS) $(LIB_CFLAGS) $(ALL_CFLAGS))' $$f; sep=,; done; echo ']'; } > $(O)/compile_commands.json

.PHONY: clean
clean: ## remove build/
	$(Q)rm -rf $(O)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z_-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
