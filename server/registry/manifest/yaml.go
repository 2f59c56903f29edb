package manifest

import (
	"bytes"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

func (r *reading) fromYAML(raw []byte) *node {
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil || len(doc.Content) == 0 {
		r.noteYAML(err)
		return nil
	}
	var second yaml.Node
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		r.note(max(second.Line, 1), max(second.Column, 1), "", "a manifest is one document: put the next type into a file of its own")
		return nil
	}
	return r.convert(doc.Content[0], 0)
}

var yamlLine = regexp.MustCompile(`^line (\d+): (.*)`)

// noteYAML keeps the line that the parser names.
func (r *reading) noteYAML(err error) {
	if err == nil || errors.Is(err, io.EOF) {
		r.note(1, 1, "", "the file is empty: write a Thing Model into it")
		return
	}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	r.note(line, 1, "", "is no YAML: "+text)
}

// convert copies a parsed document, following aliases within the limits.
func (r *reading) convert(y *yaml.Node, depth int) *node {
	if !r.grow(depth, y.Line, y.Column) {
		return nil
	}
	n := &node{line: y.Line, column: y.Column}
	switch y.Kind {
	case yaml.AliasNode:
		return r.convert(y.Alias, depth+1)
	case yaml.SequenceNode:
		n.kind = list
		for _, c := range y.Content {
			item := r.convert(c, depth+1)
			if item == nil {
				return nil
			}
			n.items = append(n.items, item)
		}
		return n
	case yaml.MappingNode:
		return r.convertMapping(y, n, depth)
	default:
		return r.convertScalar(y, n)
	}
}

func (r *reading) convertMapping(y *yaml.Node, n *node, depth int) *node {
	n.kind = mapping
	seen := map[string]bool{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		if key.Kind != yaml.ScalarNode || key.Value == "<<" && key.Tag == "!!merge" {
			r.note(key.Line, key.Column, "", "a key must be plain text; merge keys and mappings as keys are not read")
			return nil
		}
		value := r.convert(y.Content[i+1], depth+1)
		if value == nil {
			return nil
		}
		r.add(n, seen, entry{key.Value, key.Line, key.Column, value})
	}
	return n
}

func (r *reading) convertScalar(y *yaml.Node, n *node) *node {
	var v any
	if err := y.Decode(&v); err != nil {
		r.note(y.Line, y.Column, "", "cannot be read as "+strings.TrimPrefix(y.Tag, "!!")+": put text in quotes")
		return nil
	}
	n.text = y.Value
	switch v := v.(type) {
	case nil:
		n.kind = null
	case bool:
		n.kind, n.flag = truth, v
	case string, time.Time: // a bare date is text here
		n.kind = text
	case int:
		n.kind, n.number = number, float64(v)
	case int64:
		n.kind, n.number = number, float64(v)
	case uint64:
		n.kind, n.number = number, float64(v)
	case float64:
		n.kind, n.number = number, v
	default:
		r.note(y.Line, y.Column, "", "is of a YAML type that manifests do not use ("+y.Tag+")")
		return nil
	}
	if n.kind == number && (math.IsNaN(n.number) || math.IsInf(n.number, 0)) {
		r.note(y.Line, y.Column, "", "want a finite number")
		return nil
	}
	return n
}
