package broker

import "time"

// Rate is a token bucket: how much a client may send over time and at once.
type Rate struct {
	Messages float64 `json:"messages"` // a second
	Burst    int     `json:"burst"`    // messages at once
	Bytes    float64 `json:"bytes"`    // a second; ten seconds' worth may come at once
}

// Connects bounds how often clients may connect, and for how long those are banned who do not keep to it.
type Connects struct {
	// Address and Global are connections a second of one address and of all; ten seconds' worth may come at once. Beyond, a
	// connection is refused before TLS.
	Address float64 `json:"address"`
	Global  float64 `json:"global"`
	// Identity is how often one device may connect within Window; an account may, besides, start all of its sessions at once.
	// Whoever is refused as often again is banned.
	Identity int           `json:"identity"`
	Window   time.Duration `json:"window"`
	// Failures is how many handshakes of one address may fail within a minute before it is banned, unless a client is connected
	// from there.
	Failures int `json:"failures"`
	// Ban is how long the first ban of the platform's own lasts; each further one within seven days lasts twice as long as the one
	// before, LongestBan at most.
	Ban        time.Duration `json:"ban"`
	LongestBan time.Duration `json:"longestBan"`
}

// Limits bound what clients can make the broker hold or do. A zero field takes its default. A device type's manifest may
// set message size and rate for its devices.
type Limits struct {
	// Connections is how many clients may be connected.
	Connections int `json:"connections"`
	// ConnectionsPerAddress is how many may come from one address: a host in IPv4, a /64 in IPv6.
	ConnectionsPerAddress int `json:"connectionsPerAddress"`
	// Connects bounds how often clients may connect.
	Connects Connects `json:"connects"`
	// Handshakes is how many TLS handshakes are computed at once; others wait while addresses take turns. HandshakesWaiting is how
	// many may wait; beyond, whoever has the most there is refused.
	Handshakes        int `json:"handshakes"`
	HandshakesWaiting int `json:"handshakesWaiting"`
	// Connect is how long handshake and CONNECT may take together.
	Connect time.Duration `json:"connect"`
	// KeepAlive is the longest keep-alive of an MQTT 5.0 client; one that asks for more, or none, is told this one.
	KeepAlive time.Duration `json:"keepAlive"`
	// Packet is the largest packet in bytes.
	Packet int `json:"packet"`
	// SessionsPerDevice and SessionsPerAccount count live connections of one identity.
	SessionsPerDevice  int `json:"sessionsPerDevice"`
	SessionsPerAccount int `json:"sessionsPerAccount"`
	// Subscriptions is how many filters one session may hold.
	Subscriptions int `json:"subscriptions"`
	// SharedGroups is how many shared subscriptions there may be.
	SharedGroups int `json:"sharedGroups"`
	// DeviceQueue and AccountQueue are how many messages wait for a session that is away or slow; the oldest give way.
	DeviceQueue  int `json:"deviceQueue"`
	AccountQueue int `json:"accountQueue"`
	// Inflight is how many messages of QoS 1 and 2 are on their way to a client unacknowledged; the client may ask for less.
	Inflight int `json:"inflight"`
	// Receive is how many messages of QoS 1 and 2 of a client may wait for our acknowledgement.
	Receive int `json:"receive"`
	// Output is how many bytes wait for a slow reader before QoS 0 is dropped and all else queued.
	Output int `json:"output"`
	// Stalled is how long a reader may take nothing at all while bytes wait for it.
	Stalled time.Duration `json:"stalled"`
	// Device and Account are rates by kind of client. Flood is how long a client may go on being held back.
	Device  Rate          `json:"device"`
	Account Rate          `json:"account"`
	Flood   time.Duration `json:"flood"`
	// Global is how many messages a second all clients together may publish; a second's worth may come at once.
	Global float64 `json:"global"`
	// SessionExpiry is the longest life of a session without its client.
	SessionExpiry time.Duration `json:"sessionExpiry"`
	// Retained counts retained messages of all clients, RetainedPerClient those of one.
	Retained          int `json:"retained"`
	RetainedPerClient int `json:"retainedPerClient"`
	// Kept and KeptBytes bound the stored messages.
	Kept      time.Duration `json:"kept"`
	KeptBytes int64         `json:"keptBytes"`
	// Cache is how many bytes of stored messages stay in memory for sessions that catch up.
	Cache int `json:"cache"`
}

func (l Limits) withDefaults() Limits {
	fill(&l.Connections, 100_000)
	fill(&l.ConnectionsPerAddress, 50_000)
	fill(&l.Connects.Address, 1000)
	fill(&l.Connects.Global, 5000)
	fill(&l.Connects.Identity, 120)
	fill(&l.Connects.Window, time.Minute)
	fill(&l.Connects.Failures, 300)
	fill(&l.Connects.Ban, 5*time.Minute)
	fill(&l.Connects.LongestBan, 24*time.Hour)
	fill(&l.Handshakes, 64)
	fill(&l.HandshakesWaiting, 16_384)
	fill(&l.Connect, 10*time.Second)
	fill(&l.KeepAlive, 20*time.Minute)
	fill(&l.Packet, 256<<10)
	fill(&l.SessionsPerDevice, 4)
	fill(&l.SessionsPerAccount, 1000)
	fill(&l.Subscriptions, 1000)
	fill(&l.SharedGroups, 10_000)
	fill(&l.DeviceQueue, 1000)
	fill(&l.AccountQueue, 1_000_000)
	fill(&l.Inflight, 1024)
	fill(&l.Receive, 2048)
	fill(&l.Output, 1<<20)
	fill(&l.Stalled, 30*time.Second)
	fill(&l.Device.Messages, 100)
	fill(&l.Device.Burst, 1000)
	fill(&l.Device.Bytes, 1<<20)
	fill(&l.Account.Messages, 50_000)
	fill(&l.Account.Burst, 100_000)
	fill(&l.Account.Bytes, 64<<20)
	fill(&l.Flood, time.Minute)
	fill(&l.Global, 2_000_000)
	fill(&l.SessionExpiry, 7*24*time.Hour)
	fill(&l.Retained, 1_000_000)
	fill(&l.RetainedPerClient, 1000)
	fill(&l.Kept, 7*24*time.Hour)
	fill(&l.KeptBytes, 8<<30)
	fill(&l.Cache, 32<<20)
	l.Receive, l.Inflight = min(l.Receive, 65535), min(l.Inflight, 32768)
	l.KeepAlive = min(l.KeepAlive, 65535*time.Second).Truncate(time.Second)
	l.Packet = min(l.Packet, segmentMost/2)
	return l
}

func fill[T int | int64 | float64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}
