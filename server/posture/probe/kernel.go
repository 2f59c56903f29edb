package probe

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// kernel is what process and host look like from the kernel.
func (p *Prober) kernel() map[string]Try {
	tries := map[string]Try{"host.hardening": p.hardening, "process.privileges": p.privileges}
	if len(p.Targets) > 0 {
		tries["sockets.documented"], tries["udp.sockets"], tries["udp.plain-coap"], tries["udp.discovery"] = p.documented, p.udpSockets, p.plainCoAP, p.discovery
	}
	return tries
}

// socket is one on which this process listens.
type socket struct {
	network string
	address netip.AddrPort
}

func (s socket) String() string { return fmt.Sprintf("%s %s", s.network, s.address) }

// sockets lists the listening sockets of this process: those in the kernel's tables whose inode is open here. UDP knows no
// listening; a UDP socket counts when it is bound and not connected.
func (p *Prober) sockets() ([]socket, error) {
	own, err := p.inodes()
	if err != nil {
		return nil, err
	}
	var out []socket
	for _, table := range []struct{ file, network, state string }{{"tcp", "tcp", "0A"}, {"tcp6", "tcp", "0A"}, {"udp", "udp", "07"}, {"udp6", "udp", "07"}} {
		b, err := os.ReadFile(filepath.Join(p.Proc, "self/net", table.file))
		if errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(table.file, "6") {
			continue // a kernel without IPv6
		}
		if err != nil {
			return nil, err
		}
		found, err := parseSockets(b, table.network, table.state, own)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table.file, err)
		}
		out = append(out, found...)
	}
	slices.SortFunc(out, func(a, b socket) int { return strings.Compare(a.String(), b.String()) })
	return out, nil
}

// inodes lists the sockets that this process holds open.
func (p *Prober) inodes() (map[string]bool, error) {
	dir := filepath.Join(p.Proc, "self/fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	own := map[string]bool{}
	for _, e := range entries {
		link, err := os.Readlink(filepath.Join(dir, e.Name()))
		if inode, ok := strings.CutPrefix(link, "socket:["); err == nil && ok {
			own[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return own, nil
}

// parseSockets reads a table such as /proc/net/tcp: local address in the second column, state in the fourth, inode in the
// tenth.
func parseSockets(table []byte, network, state string, own map[string]bool) (out []socket, err error) {
	lines := bufio.NewScanner(bytes.NewReader(table))
	for first := true; lines.Scan(); first = false {
		f := strings.Fields(lines.Text())
		if first || len(f) < 10 || f[3] != state || !own[f[9]] {
			continue
		}
		address, err := parseAddress(f[1])
		if err != nil {
			return nil, err
		}
		out = append(out, socket{network, address})
	}
	return out, lines.Err()
}

// parseAddress reads 0100007F:22B3: words of the address in the machine's order, then the port.
func parseAddress(s string) (netip.AddrPort, error) {
	host, port, _ := strings.Cut(s, ":")
	raw, err := hex.DecodeString(host)
	if err != nil || (len(raw) != 4 && len(raw) != 16) {
		return netip.AddrPort{}, fmt.Errorf("%q is no address", s)
	}
	for w := range slices.Chunk(raw, 4) {
		binary.BigEndian.PutUint32(w, binary.NativeEndian.Uint32(w))
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q is no port: %w", s, err)
	}
	ip, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)), nil
}

// documented compares the sockets of this process with the documented listeners, in both directions.
func (p *Prober) documented(context.Context) (posture.ProbeResult, error) {
	found, err := p.sockets()
	if err != nil {
		return unclear("the kernel does not tell this process's sockets"), err
	}
	for _, s := range found {
		if !slices.ContainsFunc(p.Targets, s.is) {
			return broke("%s is open and not documented", s), nil
		}
	}
	for _, t := range p.Targets {
		if !slices.ContainsFunc(found, func(s socket) bool { return s.is(t) }) {
			return broke("%s is documented and not open", t.Name), nil
		}
	}
	return held("the %d open ports are the documented ones", len(p.Targets)), nil
}

// is reports whether the socket is that of a documented listener.
func (s socket) is(t Target) bool {
	_, port, err := net.SplitHostPort(t.Address)
	network := t.Network
	if network == "" {
		network = "tcp"
	}
	return err == nil && network == s.network && port == strconv.Itoa(int(s.address.Port()))
}

func (p *Prober) udp() ([]socket, error) {
	found, err := p.sockets()
	return slices.DeleteFunc(found, func(s socket) bool { return s.network != "udp" }), err
}

// udpSockets says whether this process serves anything over UDP without DTLS.
func (p *Prober) udpSockets(context.Context) (posture.ProbeResult, error) {
	found, err := p.udp()
	if err != nil {
		return unclear("the kernel does not tell this process's sockets"), err
	}
	for _, s := range found {
		if !slices.ContainsFunc(p.Targets, func(t Target) bool { return t.TLS && s.is(t) }) {
			return broke("%s is open and not documented as DTLS", s), nil
		}
	}
	if len(found) == 0 {
		return none("this process has no UDP socket open"), nil
	}
	return held("each of %d UDP sockets is documented as DTLS", len(found)), nil
}

// coapPing is an empty confirmable message (RFC 7252, 4.3), which any CoAP endpoint answers with a reset.
var coapPing = []byte{0x40, 0x00, 0x54, 0x57}

func (p *Prober) plainCoAP(ctx context.Context) (posture.ProbeResult, error) {
	return p.query(ctx, coapPing, "a plain CoAP ping")
}

// mdnsQuery asks for all services (RFC 6763, 9).
var mdnsQuery = []byte("\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x09_services\x07_dns-sd\x04_udp\x05local\x00\x00\x0c\x00\x01")

func (p *Prober) discovery(ctx context.Context) (posture.ProbeResult, error) {
	return p.query(ctx, mdnsQuery, "a discovery query")
}

// query sends a datagram to every UDP socket of this process; none may answer.
func (p *Prober) query(ctx context.Context, b []byte, what string) (posture.ProbeResult, error) {
	found, err := p.udp()
	if err != nil {
		return unclear("the kernel does not tell this process's sockets"), err
	}
	if len(found) == 0 {
		return none("this process has no UDP socket open"), nil
	}
	for _, s := range found {
		conn, err := (&net.Dialer{}).DialContext(ctx, "udp", reachable(s.address.String()))
		if err != nil {
			return unclear("%s cannot be reached", s), err
		}
		_ = conn.SetDeadline(time.Now().Add(time.Second)) // of the connection, which knows no other clock
		_, _ = conn.Write(b)
		n, err := conn.Read(make([]byte, 64))
		_ = conn.Close()
		if err == nil && n > 0 {
			return broke("%s answers %s", s, what), nil
		}
	}
	return held("no UDP socket answers %s", what), nil
}
