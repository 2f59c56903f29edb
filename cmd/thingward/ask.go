package main

import "fmt"

// ask asks the API for one answer, as whoever is signed in. An answer without a body is nil.
func ask(t *terminal, method, path string, in any) (out object, err error) {
	c, err := signedIn()
	if err != nil {
		return nil, err
	}
	return out, c.call(t.ctx, method, path, in, &out)
}

// objectsOf reads a list of objects inside an answer.
func objectsOf(v any) (out []object) {
	all, _ := v.([]any)
	for _, e := range all {
		if o, ok := e.(object); ok {
			out = append(out, o)
		}
	}
	return out
}

// part is a list inside an answer, and what of each item a table shows.
type part struct {
	name    string
	columns []string
}

// showWith prints one thing and, as tables below it, those of its parts that hold anything; titled puts their names above them.
func (t *terminal) showWith(out object, fields []string, titled bool, parts ...part) error {
	if err := t.show(out, fields...); err != nil || t.format != "table" {
		return err
	}
	for _, p := range parts {
		items := objectsOf(out[p.name])
		if len(items) == 0 {
			continue
		}
		_, _ = fmt.Fprintln(t.out)
		if titled {
			_, _ = fmt.Fprintln(t.out, p.name)
		}
		if err := t.showList(items, p.columns...); err != nil {
			return err
		}
	}
	return nil
}
