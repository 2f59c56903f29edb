package provable

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// Format names the export file's format in its header.
const Format = "thingward-audit-export/1"

// MaxLine bounds a line of an export, so that no file can exhaust the memory of whoever checks it.
const MaxLine = 16 << 20

// Header is the first line of an export of entries From to To-1. Left and Right are the subtrees before and after them
// (the hashes at Spans(0, From) and Spans(To, size)), which with the entries give the root that Checkpoint signs. Key
// is there to be shown; a check uses the key that its caller trusts.
type Header struct {
	Format     string      `json:"format"`
	Origin     string      `json:"origin"`
	Key        string      `json:"key"`
	Checkpoint string      `json:"checkpoint"`
	From       int64       `json:"from"`
	To         int64       `json:"to"`
	Left       []tlog.Hash `json:"left"`
	Right      []tlog.Hash `json:"right"`
}

// Writer writes an export: lines of JSON, each spelled in one way only. After the header there is a line
// {"index":N,"leaf":"…","event":…} for each entry, where event is the entry's exact bytes and leaf their leaf hash, and
// between them lines {"checkpoint":"…"} with the checkpoints that were signed over the entries so far: they show where an
// altered export ceases to be what was signed.
type Writer struct {
	w   io.Writer
	buf bytes.Buffer
}

// NewWriter writes the header and returns the Writer for the rest.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	h.Format = Format
	line, err := encodeHeader(h)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(line)
	return &Writer{w: w}, err
}

func encodeHeader(h Header) ([]byte, error) {
	if h.Left == nil {
		h.Left = []tlog.Hash{}
	}
	if h.Right == nil {
		h.Right = []tlog.Hash{}
	}
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("export header: %w", err)
	}
	return append(line, '\n'), nil
}

// Entry writes one entry.
func (w *Writer) Entry(index int64, body []byte) error {
	if bytes.ContainsAny(body, "\r\n") || len(body) > MaxLine-1024 {
		return &Broken{Index: index, Reason: "the entry cannot be exported: it is no single line of JSON"}
	}
	w.buf.Reset()
	appendEntry(&w.buf, index, tlog.RecordHash(body), body)
	_, err := w.w.Write(w.buf.Bytes())
	return err
}

// Checkpoint writes a signed checkpoint; its size must be that of the entries written so far.
func (w *Writer) Checkpoint(signed string) error {
	line, err := encodeCheckpoint(signed)
	if err != nil {
		return err
	}
	_, err = w.w.Write(line)
	return err
}

const (
	entryStart      = `{"index":`
	entryLeaf       = `,"leaf":"`
	entryEvent      = `","event":`
	checkpointStart = `{"checkpoint":`
)

func appendEntry(b *bytes.Buffer, index int64, leaf tlog.Hash, body []byte) {
	b.WriteString(entryStart)
	b.WriteString(strconv.FormatInt(index, 10))
	b.WriteString(entryLeaf)
	b.WriteString(leaf.String())
	b.WriteString(entryEvent)
	b.Write(body)
	b.WriteString("}\n")
}

// splitEntry takes an entry's line apart; only appendEntry's exact spelling is taken.
func splitEntry(line []byte) (index int64, leaf tlog.Hash, body []byte, err error) {
	malformed := errors.New("the line is not an entry as the log writes it")
	rest, ok1 := bytes.CutPrefix(line, []byte(entryStart))
	num, rest, ok2 := bytes.Cut(rest, []byte(entryLeaf))
	hash, rest, ok3 := bytes.Cut(rest, []byte(entryEvent))
	body, ok4 := bytes.CutSuffix(rest, []byte("}\n"))
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return 0, leaf, nil, malformed
	}
	index, err = strconv.ParseInt(string(num), 10, 64)
	if err != nil || strconv.FormatInt(index, 10) != string(num) {
		return 0, leaf, nil, malformed
	}
	leaf, err = tlog.ParseHash(string(hash))
	if err != nil || leaf.String() != string(hash) {
		return 0, leaf, nil, malformed
	}
	return index, leaf, body, nil
}

func encodeCheckpoint(signed string) ([]byte, error) {
	line, err := json.Marshal(map[string]string{"checkpoint": signed})
	return append(line, '\n'), err
}

func splitHeader(line []byte) (Header, error) {
	var h Header
	if err := json.Unmarshal(line, &h); err != nil || h.Format != Format {
		return h, errors.New("the file is no export of an audit log, or its first line was altered")
	}
	if again, err := encodeHeader(h); err != nil || !bytes.Equal(again, line) {
		return h, errors.New("the header was altered")
	}
	return h, nil
}

func splitCheckpoint(line []byte) (string, error) {
	var c struct{ Checkpoint string }
	if err := json.Unmarshal(line, &c); err != nil {
		return "", errors.New("the line is not a checkpoint as the log writes it")
	}
	if again, err := encodeCheckpoint(c.Checkpoint); err != nil || !bytes.Equal(again, line) {
		return "", errors.New("the line is not a checkpoint as the log writes it")
	}
	return c.Checkpoint, nil
}
