package probe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/thingward/thingward/server/posture"
)

// setting is one of the kernel's that a hardened host has at least at a value.
type setting struct {
	path  string
	least int
	what  string
}

// settings are those that any distribution can have (CIS benchmarks for Linux; kernel documentation, sysctl).
var settings = []setting{
	{"sys/kernel/randomize_va_space", 2, "address space randomisation"},
	{"sys/kernel/kptr_restrict", 1, "kernel addresses hidden"},
	{"sys/kernel/dmesg_restrict", 1, "kernel log for root only"},
	{"sys/kernel/yama/ptrace_scope", 1, "processes cannot trace others"},
	{"sys/fs/protected_hardlinks", 1, "hard links protected"},
	{"sys/fs/protected_symlinks", 1, "symbolic links protected"},
}

// hardening reads the kernel's settings, core dumps of privileged programs, and the ways to log in over SSH.
func (p *Prober) hardening(context.Context) (posture.ProbeResult, error) {
	var failed []string
	for _, s := range settings {
		n, err := p.number(s.path)
		if errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, s.what+" (not offered by this kernel)")
		} else if err != nil {
			return unclear("%s cannot be read", s.path), err
		} else if n < s.least {
			failed = append(failed, fmt.Sprintf("%s (%s is %d)", s.what, filepath.Base(s.path), n))
		}
	}
	if n, err := p.number("sys/fs/suid_dumpable"); err == nil && n == 1 {
		failed = append(failed, "no core dumps of privileged programs (suid_dumpable is 1)")
	}
	ssh, err := p.ssh()
	if err != nil {
		return unclear("the SSH server's configuration cannot be read"), err
	}
	if failed = append(failed, ssh...); len(failed) > 0 {
		return broke("not hardened: %s", strings.Join(failed, ", ")), nil
	}
	return held("the kernel's %d settings and the SSH login paths are hardened", len(settings)+1), nil
}

func (p *Prober) number(path string) (int, error) {
	b, err := os.ReadFile(filepath.Join(p.Proc, path))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(b)))
}

// ssh lists what is wrong with the SSH server's configuration, nothing when there is no SSH server. The first value of a
// keyword counts (sshd_config(5)), with the files that Debian includes first.
func (p *Prober) ssh() (wrong []string, err error) {
	dir := filepath.Join(p.Root, "/etc/ssh")
	files, err := filepath.Glob(filepath.Join(dir, "sshd_config.d", "*.conf"))
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, file := range append(files, filepath.Join(dir, "sshd_config")) {
		f, err := os.Open(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		firstValues(f, values)
		_ = f.Close()
	}
	if v := values["passwordauthentication"]; v != "no" {
		wrong = append(wrong, "SSH logs in by password")
	}
	if v := values["permitrootlogin"]; v == "yes" {
		wrong = append(wrong, "SSH logs in root by password")
	}
	return wrong, nil
}

// firstValues reads keywords and values up to the first Match block.
func firstValues(f *os.File, values map[string]string) {
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(strings.ToLower(strings.ReplaceAll(lines.Text(), "=", " ")))
		if len(fields) < 2 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if fields[0] == "match" {
			return
		}
		if _, known := values[fields[0]]; !known {
			values[fields[0]] = fields[1]
		}
	}
}

// capabilities names those that stand for root's power, by bit (capabilities(7)).
var capabilities = map[int]string{0: "chown", 1: "dac_override", 2: "dac_read_search", 6: "setgid", 7: "setuid", 12: "net_admin", 13: "net_raw", 16: "sys_module", 19: "sys_ptrace", 21: "sys_admin"}

// bindLow is the one capability that a server may hold: ports below 1024.
const bindLow = 10

// privileges reads what this process may do beyond an ordinary one.
func (p *Prober) privileges(context.Context) (posture.ProbeResult, error) {
	b, err := os.ReadFile(filepath.Join(p.Proc, "self/status"))
	if err != nil {
		return unclear("the kernel does not tell this process's capabilities"), err
	}
	for line := range strings.Lines(string(b)) {
		value, ok := strings.CutPrefix(line, "CapEff:")
		if !ok {
			continue
		}
		set, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		if err != nil {
			return unclear("the kernel's capability set cannot be read"), err
		}
		return judgeCapabilities(set), nil
	}
	return unclear("the kernel does not tell this process's capabilities"), nil
}

func judgeCapabilities(set uint64) posture.ProbeResult {
	switch set &^ (1 << bindLow) {
	case set:
		if set == 0 {
			return held("this process holds no root privilege, so none of its operations needs one")
		}
	case 0:
		return held("of root's privileges this process holds net_bind_service alone, to open ports below 1024")
	}
	var names []string
	for bit, name := range capabilities {
		if set&(1<<bit) != 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return broke("this process holds privileges of root without a documented reason: %s (set %#x)", strings.Join(names, ", "), set)
}
