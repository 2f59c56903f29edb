package provable

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// Result says what a verified export proves.
type Result struct {
	Header      Header
	Checkpoint  Checkpoint // of the whole log at the time of the export
	Entries     int64
	Checkpoints int64 // that were signed over the exported entries and hold
	// Compared is true when the checkpoint that the caller expected could be compared, and held.
	Compared bool
}

// Verify checks an export in one pass and constant memory with nothing but the log's verifier key: that every entry is
// the one that was logged at its index, that none is missing, added or exchanged, and that the log's key signed the tree
// they are in. The key must come from elsewhere than the file. expect, if not nil, is a checkpoint known from earlier
// (its Size and Root): the export must agree with it. A fault is returned as a *Broken with line and entry.
func Verify(r io.Reader, key string, expect *Checkpoint) (Result, error) {
	v := &verification{lines: bufio.NewReaderSize(r, 64<<10), key: key, expect: expect}
	if err := v.open(); err != nil {
		return v.result, err
	}
	for {
		line, err := v.next()
		if errors.Is(err, io.EOF) {
			return v.result, v.finish()
		}
		if err != nil {
			return v.result, err
		}
		if err := v.take(line); err != nil {
			return v.result, err
		}
	}
}

type verification struct {
	lines   *bufio.Reader
	key     string
	expect  *Checkpoint
	number  int // of the present line
	buf     []byte
	tree    *Tree
	result  Result
	held    int64 // entries below this are covered by a checkpoint that holds
	scratch []tlog.Hash
}

// next reads a line with its end; io.EOF only where the file may end.
func (v *verification) next() ([]byte, error) {
	v.buf = v.buf[:0]
	v.number++
	for {
		part, err := v.lines.ReadSlice('\n')
		v.buf = append(v.buf, part...)
		switch {
		case err == nil:
			return v.buf, nil
		case errors.Is(err, bufio.ErrBufferFull) && len(v.buf) <= MaxLine:
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, v.broken("the line is longer than any that the log writes")
		case errors.Is(err, io.EOF) && len(v.buf) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			return nil, v.broken("the file ends in the middle of a line: it was cut off")
		default:
			return nil, fmt.Errorf("read export: %w", err)
		}
	}
}

func (v *verification) index() int64 {
	if v.tree == nil {
		return v.result.Header.From
	}
	return v.tree.Size()
}

func (v *verification) broken(format string, args ...any) error {
	return &Broken{Index: v.index(), Line: v.number, Reason: fmt.Sprintf(format, args...)}
}

// open reads the header and checks its signature.
func (v *verification) open() error {
	line, err := v.next()
	if errors.Is(err, io.EOF) {
		return v.broken("the file is empty")
	}
	if err != nil {
		return err
	}
	h, err := splitHeader(line)
	if err != nil {
		return v.broken("%v", err)
	}
	cp, err := OpenCheckpoint(h.Checkpoint, v.key)
	if err != nil {
		return v.broken("%v", err)
	}
	v.result.Header, v.result.Checkpoint = h, cp
	switch {
	case h.Key != v.key || h.Origin != cp.Origin:
		return v.broken("the header names another log or key than the checkpoint's")
	case h.From < 0 || h.To < h.From || cp.Size < h.To:
		return v.broken("the range %d to %d does not fit a log of %d entries", h.From, h.To, cp.Size)
	}
	if v.tree, err = NewTree(h.From, h.Left); err != nil {
		return v.broken("the subtrees before the first entry do not fit: %v", err)
	}
	v.held = h.From
	return v.compare(v.expect)
}

func (v *verification) take(line []byte) error {
	if bytes.HasPrefix(line, []byte(checkpointStart)) {
		return v.takeCheckpoint(line)
	}
	index, leaf, body, err := splitEntry(line)
	switch {
	case err != nil:
		return v.broken("%v", err)
	case v.tree.Size() == v.result.Header.To:
		return v.broken("there are more entries than the header says")
	case index != v.tree.Size():
		return v.broken("entry %d stands where entry %d belongs: lines are missing, added or exchanged", index, v.tree.Size())
	case tlog.RecordHash(body) != leaf:
		return v.broken("the entry was altered")
	}
	v.scratch = v.tree.Append(v.scratch[:0], leaf)
	v.result.Entries++
	return v.compare(v.expect)
}

func (v *verification) takeCheckpoint(line []byte) error {
	signed, err := splitCheckpoint(line)
	if err != nil {
		return v.broken("%v", err)
	}
	cp, err := OpenCheckpoint(signed, v.key)
	switch {
	case err != nil:
		return v.broken("%v", err)
	case cp.Size != v.tree.Size() || cp.Size <= v.result.Header.From:
		return v.broken("a checkpoint of %d entries stands after entry %d", cp.Size, v.tree.Size()-1)
	case cp.Root != v.tree.Root():
		return v.notSigned()
	}
	v.held = cp.Size
	v.result.Checkpoints++
	return nil
}

// notSigned names the entries that no checkpoint vouches for.
func (v *verification) notSigned() error {
	b := &Broken{Index: v.held, Line: v.number}
	if last := v.tree.Size() - 1; last > v.held {
		b.Reason = fmt.Sprintf("what was signed is something else: an entry among %d to %d was replaced together with its hash, or the subtrees in the header were", v.held, last)
	} else {
		b.Reason = "what was signed is something else: this entry was replaced together with its hash, or the subtrees in the header were"
	}
	return b
}

func (v *verification) compare(known *Checkpoint) error {
	if known == nil || known.Size != v.tree.Size() {
		return nil
	}
	if known.Root != v.tree.Root() {
		return v.broken("the log had another content when it had %d entries: its history was rewritten since", known.Size)
	}
	v.result.Compared = true
	return nil
}

// finish checks that all entries were there and that with the rest they give the signed root.
func (v *verification) finish() error {
	h, cp := v.result.Header, v.result.Checkpoint
	if v.tree.Size() != h.To {
		return v.broken("the file ends before entry %d: %d entries are missing", h.To-1, h.To-v.tree.Size())
	}
	whole := v.tree.Clone()
	if err := whole.AppendSpans(cp.Size, h.Right); err != nil {
		return v.broken("the subtrees after the last entry do not fit: %v", err)
	}
	if whole.Root() != cp.Root {
		return v.notSigned()
	}
	v.tree = whole
	return v.expected()
}

func (v *verification) expected() error {
	if v.expect == nil || v.result.Compared {
		return nil
	}
	if v.expect.Size > v.tree.Size() {
		return v.broken("the log is shorter than the %d entries it is known to have had: its end was cut off", v.expect.Size)
	}
	if err := v.compare(v.expect); err != nil {
		return err
	}
	if !v.result.Compared {
		return fmt.Errorf("the export says nothing about the log at %d entries, so that the expected checkpoint cannot be compared: export all entries", v.expect.Size)
	}
	return nil
}
