package server

import "net/netip"

// loopback is this machine, which tries itself out: it is never banned.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// prefixes reads a list of addresses and prefixes that badPrefix found nothing wrong with.
func prefixes(list []string) (out []netip.Prefix) {
	for _, text := range list {
		if p, ok := prefix(text); ok {
			out = append(out, p)
		}
	}
	return out
}

// badPrefix is the first of a list that is neither address nor prefix, "" when all are.
func badPrefix(list []string) string {
	for _, text := range list {
		if _, ok := prefix(text); !ok {
			return text
		}
	}
	return ""
}

// prefix reads an address, which is a prefix of all its bits, or a prefix.
func prefix(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), true
}
