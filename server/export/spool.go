package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// spool keeps what was read once on disk, one JSON value a line, so that every file of the pack is made from the same
// reading and memory stays small however large the fleet is.
type spool[T any] struct {
	path string
	file *os.File
	w    *bufio.Writer
	enc  *json.Encoder
	n    int
}

func newSpool[T any](dir, name string) (*spool[T], error) {
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	return &spool[T]{path: path, file: f, w: w, enc: json.NewEncoder(w)}, nil
}

// add appends a value.
func (s *spool[T]) add(v T) error {
	s.n++
	return s.enc.Encode(v)
}

// done ends writing.
func (s *spool[T]) done() error { return errors.Join(s.w.Flush(), s.file.Close()) }

// each reads all values in order.
func (s *spool[T]) each(fn func(T) error) (err error) {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	dec := json.NewDecoder(bufio.NewReaderSize(f, 1<<16))
	for {
		var v T
		if err := dec.Decode(&v); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := fn(v); err != nil {
			return err
		}
	}
}
