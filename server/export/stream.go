package export

import (
	"bytes"
	"encoding/json"
	"io"
)

// jsonStream writes a JSON document piece by piece, so that a list may be longer than memory. An error stays until end.
type jsonStream struct {
	w     io.Writer
	err   error
	comma []bool // of each open object or list: something stands in it already
}

func (j *jsonStream) put(s string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.w, s)
	}
}

// next begins a member or element.
func (j *jsonStream) next(key string) {
	if n := len(j.comma); n > 0 {
		if j.comma[n-1] {
			j.put(",")
		}
		j.comma[n-1] = true
	}
	if key != "" {
		j.value(key)
		j.put(":")
	}
}

func (j *jsonStream) value(v any) {
	if j.err != nil {
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if j.err = enc.Encode(v); j.err == nil {
		_, j.err = j.w.Write(bytes.TrimRight(b.Bytes(), "\n"))
	}
}

// member writes a whole member of an object.
func (j *jsonStream) member(key string, v any) {
	j.next(key)
	j.value(v)
}

// element writes an element of a list.
func (j *jsonStream) element(v any) {
	j.next("")
	j.put("\n")
	j.value(v)
}

// open begins an object ('{') or list ('['), as a member where key is not empty.
func (j *jsonStream) open(key, bracket string) {
	j.next(key)
	j.put(bracket)
	j.comma = append(j.comma, false)
}

func (j *jsonStream) close(bracket string) {
	j.put(bracket)
	j.comma = j.comma[:len(j.comma)-1]
}
