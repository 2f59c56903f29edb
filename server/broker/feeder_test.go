package broker

import (
	"io"
	"net"
)

// feeder is a connection that gives what it is fed, in pieces as TCP would.
type feeder struct {
	net.Conn
	rest []byte
}

// Read gives as much as fits.
func (f *feeder) Read(b []byte) (int, error) {
	if len(f.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}
