package sarif

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

var (
	utf8Mark  = []byte{0xEF, 0xBB, 0xBF}
	utf16Mark = [][]byte{{0xFF, 0xFE}, {0xFE, 0xFF}}
)

// Read reads a file. What it returns as an error is an *Error, or the reader's own.
func Read(r io.Reader) (Log, error) {
	buf := bufio.NewReader(r)
	head, _ := buf.Peek(len(utf8Mark)) // what is shorter is no object either
	if bytes.HasPrefix(head, utf8Mark) {
		if _, err := buf.Discard(len(utf8Mark)); err != nil {
			return Log{}, err
		}
	}
	for _, mark := range utf16Mark {
		if bytes.HasPrefix(head, mark) {
			return Log{}, &Error{"", "is in UTF-16: SARIF is UTF-8; have the tool write that"}
		}
	}
	from := &counted{r: buf, most: BytesMost}
	p := &parser{dec: json.NewDecoder(from), from: from}
	p.dec.UseNumber()
	return p.log()
}

// log reads a sarifLog (3.13).
func (p *parser) log() (l Log, err error) {
	var version string
	err = p.object(members{
		"version": p.choice(&version, "2.1.0"),
		"runs": p.some(runsMost, "runs", func(int) error {
			r, err := p.run()
			l.Runs = append(l.Runs, r)
			return err
		}),
		"inlineExternalProperties": func() error {
			return p.fault("holds parts of runs apart from them: have the tool write each run whole")
		},
	})
	switch {
	case err != nil:
		return Log{}, err
	case version == "":
		return Log{}, &Error{"version", `is missing: want "2.1.0"; have the tool write SARIF 2.1.0`}
	case len(l.Runs) == 0:
		return Log{}, &Error{"runs", "holds no run: nothing was scanned"}
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return Log{}, &Error{"", "goes on behind its end: want one JSON object"}
	}
	return l, nil
}
