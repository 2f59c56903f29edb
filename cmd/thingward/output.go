package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"go.yaml.in/yaml/v4"
)

// show prints one thing: as JSON, as YAML, or as the given fields of a table, one a line.
func (t *terminal) show(v object, fields ...string) error {
	if t.format != "table" {
		return t.encode(v)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, f := range fields {
		if s := cell(v, f); s != "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\n", f, s)
		}
	}
	return w.Flush()
}

// showList prints a list: {"items": […]} as JSON or YAML, or a table with the given columns.
func (t *terminal) showList(items []object, columns ...string) error {
	if items == nil {
		items = []object{}
	}
	if t.format != "table" {
		return t.encode(object{"items": items})
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	heads := make([]string, len(columns))
	for i, c := range columns {
		heads[i] = strings.ToUpper(c[strings.LastIndex(c, ".")+1:])
	}
	_, _ = fmt.Fprintln(w, strings.Join(heads, "\t"))
	for _, it := range items {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = cell(it, c)
		}
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

func (t *terminal) encode(v any) error {
	if t.format == "yaml" {
		b, err := yaml.Marshal(v)
		if err != nil {
			return err
		}
		_, err = t.out.Write(b)
		return err
	}
	enc := json.NewEncoder(t.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// note tells a person something that is not the command's result.
func (t *terminal) note(format string, args ...any) { _, _ = fmt.Fprintf(t.err, format+"\n", args...) }

// cell is a dotted field of an object as text.
func cell(v object, path string) string {
	var x any = v
	for key := range strings.SplitSeq(path, ".") {
		m, ok := x.(object)
		if !ok {
			return ""
		}
		x = m[key]
	}
	return plain(x)
}

// plain is any JSON value as text on one line.
func plain(x any) string {
	switch x := x.(type) {
	case nil:
		return ""
	case float64:
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", x), "0"), ".")
	case string:
		if ts, err := time.Parse(time.RFC3339Nano, x); err == nil {
			return ts.Format("2006-01-02 15:04:05Z")
		}
		return printable(x)
	case []any:
		parts, between := make([]string, len(x)), ","
		for i, e := range x {
			parts[i] = plain(e)
			if _, ok := e.(object); ok {
				between = "; "
			}
		}
		return strings.Join(parts, between)
	case object:
		return plainObject(x)
	default:
		return printable(fmt.Sprint(x))
	}
}

// plainObject is an object as text: an effect as "at: text", anything else as its fields in order of their names.
func plainObject(o object) string {
	if at, text := plain(o["at"]), plain(o["text"]); at != "" && text != "" {
		return at + ": " + text
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(o)) {
		if s := plain(o[key]); s != "" {
			parts = append(parts, printable(key)+" "+s)
		}
	}
	return strings.Join(parts, ", ")
}

// printable keeps control characters that a device or stranger chose from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return '·'
		}
		return r
	}, s)
}
