package collect

import (
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/thingward/thingward/protocol"
)

// socket is a listening socket and its inode, by which its owner is found.
type socket struct {
	port  protocol.Port
	inode string
}

// openPorts lists what listens, loopback left out (SDV-03). nil means that it could not be read.
var openPorts = Collector{"open ports", func(root string, inv *protocol.Inventory) {
	found, ok := listening(root)
	if !ok {
		return
	}
	owners := socketOwners(root)
	inv.OpenPorts = []protocol.Port{}
	for _, s := range found {
		s.port.Process = owners[s.inode].name
		inv.OpenPorts = append(inv.OpenPorts, s.port)
	}
	slices.SortFunc(inv.OpenPorts, func(a, b protocol.Port) int {
		return strings.Compare(a.Proto+strconv.Itoa(a.Port)+a.Address, b.Proto+strconv.Itoa(b.Port)+b.Address)
	})
}}

// listening reads the kernel's socket tables: state 0A is LISTEN for TCP, 07 is an unconnected UDP socket.
func listening(root string) (out []socket, ok bool) {
	for proto, state := range map[string]string{"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"} {
		f, err := os.Open(filepath.Join(root, "proc/net", proto))
		if err != nil {
			continue
		}
		table := readAll(f)
		_ = f.Close()
		ok = true
		for line := range strings.Lines(table) {
			fields := strings.Fields(line)
			if len(fields) < 10 || fields[3] != state {
				continue
			}
			addr, port, valid := parseSocketAddress(fields[1])
			if valid && !addr.IsLoopback() {
				out = append(out, socket{protocol.Port{Proto: proto[:3], Address: addr.String(), Port: port}, fields[9]})
			}
		}
	}
	return out, ok
}

// parseSocketAddress reads ADDRESS:PORT in the kernel's hexadecimal form, 32-bit words in host (little-endian) order.
func parseSocketAddress(s string) (netip.Addr, int, bool) {
	a, p, ok := strings.Cut(s, ":")
	raw, err := hex.DecodeString(a)
	port, perr := strconv.ParseUint(p, 16, 16)
	if !ok || err != nil || perr != nil || (len(raw) != 4 && len(raw) != 16) {
		return netip.Addr{}, 0, false
	}
	for i := 0; i < len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	addr, ok := netip.AddrFromSlice(raw)
	return addr.Unmap(), int(port), ok
}

type owner struct {
	name string
	root bool
}

// socketOwners maps socket inodes to the process that holds them. Without the right to look, the map stays empty.
func socketOwners(root string) map[string]owner {
	owners := map[string]owner{}
	fds, err := filepath.Glob(filepath.Join(root, "proc/[0-9]*/fd/*"))
	if err != nil {
		return owners
	}
	for _, fd := range fds {
		target, err := os.Readlink(fd)
		inode, ok := strings.CutPrefix(target, "socket:[")
		if err != nil || !ok {
			continue
		}
		proc := filepath.Dir(filepath.Dir(fd))
		owners[strings.TrimSuffix(inode, "]")] = owner{read(proc, "comm"), isRoot(read(proc, "status"))}
	}
	return owners
}

func isRoot(status string) bool {
	for line := range strings.Lines(status) {
		if f := strings.Fields(line); len(f) > 2 && f[0] == "Uid:" {
			return f[2] == "0" // the effective user
		}
	}
	return false
}
