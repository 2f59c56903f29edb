package fair

import (
	"errors"
	"net"
)

// ErrCrowded ends a handshake for which there was no place at the gate.
var ErrCrowded = errors.New("too many handshakes wait: try again")

// Conn is a connection during its handshake. It is inside the gate only while there is something to compute: not while it waits
// for the peer. So a peer that is slow, or means to be, keeps nobody waiting, and peers take turns by their keys.
type Conn[K comparable] struct {
	net.Conn
	gate   *Gate[K]
	key    K
	inside bool
	done   bool
}

// NewConn puts a connection before the gate. One goroutine may read from it until Done.
func NewConn[K comparable](c net.Conn, gate *Gate[K], key K) *Conn[K] {
	return &Conn[K]{Conn: c, gate: gate, key: key}
}

// Read leaves the gate until something came.
func (c *Conn[K]) Read(b []byte) (int, error) {
	if c.done {
		return c.Conn.Read(b)
	}
	c.leave()
	n, err := c.Conn.Read(b)
	if err != nil {
		return n, err
	}
	if !c.gate.Enter(c.key) {
		return 0, ErrCrowded
	}
	c.inside = true
	return n, nil
}

// Done ends the handshake: from now on the connection is what it was.
func (c *Conn[K]) Done() {
	c.leave()
	c.done = true
}

func (c *Conn[K]) leave() {
	if c.inside {
		c.inside = false
		c.gate.Leave()
	}
}
