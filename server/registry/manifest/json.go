package manifest

import (
	"bytes"
	"encoding/json"
	"sort"
)

// jsonReader reads a valid JSON text token by token, keeping where each value stands.
type jsonReader struct {
	*reading
	dec   *json.Decoder
	raw   []byte
	lines []int // offset of each line's first byte
}

func (r *reading) fromJSON(raw []byte) *node {
	j := &jsonReader{reading: r, dec: json.NewDecoder(bytes.NewReader(raw)), raw: raw, lines: []int{0}}
	j.dec.UseNumber()
	for i, b := range raw {
		if b == '\n' {
			j.lines = append(j.lines, i+1)
		}
	}
	return j.value(0)
}

// place is line and column of the next token.
func (j *jsonReader) place() (line, column int) {
	off := int(j.dec.InputOffset())
	for off < len(j.raw) && bytes.IndexByte([]byte(" \t\r\n,:"), j.raw[off]) >= 0 {
		off++
	}
	line = sort.SearchInts(j.lines, off+1)
	return line, off - j.lines[line-1] + 1
}

// value reads one value; nil means that a limit is passed.
func (j *jsonReader) value(depth int) *node {
	n := &node{}
	n.line, n.column = j.place()
	if !j.grow(depth, n.line, n.column) {
		return nil
	}
	tok, err := j.dec.Token()
	if err != nil {
		j.note(n.line, n.column, "", "is no JSON")
		return nil
	}
	switch tok := tok.(type) {
	case json.Delim:
		return j.compound(n, tok, depth)
	case bool:
		n.kind, n.flag = truth, tok
	case string:
		n.kind, n.text = text, tok
	case json.Number:
		n.kind, n.text = number, tok.String()
		if n.number, err = tok.Float64(); err != nil {
			j.note(n.line, n.column, "", "want a finite number")
			return nil
		}
	}
	return n
}

func (j *jsonReader) compound(n *node, open json.Delim, depth int) *node {
	n.kind = list
	if open == '{' {
		n.kind = mapping
	}
	seen := map[string]bool{}
	for j.dec.More() {
		e := entry{}
		if n.kind == mapping {
			e.line, e.column = j.place()
			tok, err := j.dec.Token()
			key, ok := tok.(string)
			if err != nil || !ok {
				return nil
			}
			e.key = key
		}
		if e.value = j.value(depth + 1); e.value == nil {
			return nil
		}
		if n.kind == list {
			n.items = append(n.items, e.value)
			continue
		}
		j.add(n, seen, e)
	}
	if _, err := j.dec.Token(); err != nil {
		return nil
	}
	return n
}
