package kinds

import (
	"strings"

	"github.com/thingward/thingward/server/records"
)

// proseLeast keeps a required text from being a word that says nothing.
const proseLeast = 20

// line is a required text of one line.
func line(name, title, help string) records.Field {
	return records.Field{Name: name, Title: title, Help: help, Type: records.Text}
}

// prose is a required text of a sentence or more.
func prose(name, title, help string) records.Field {
	return records.Field{Name: name, Title: title, Help: help, Type: records.Prose, Least: proseLeast}
}

// person is a required account name.
func person(name, title, help string) records.Field {
	return records.Field{Name: name, Title: title, Help: help, Type: records.Person}
}

// number is a required number from least to most.
func number(name, title, help string, least, most float64) records.Field {
	return records.Field{Name: name, Title: title, Help: help, Type: records.Number, Least: least, Most: most}
}

// choice is one of some words.
func choice(name, title, help string, options ...string) records.Field {
	return records.Field{Name: name, Title: title, Help: help, Type: records.Choice, Options: options}
}

// many is any of some words, at least one.
func many(name, title, help string, options ...string) records.Field {
	return records.Field{Name: name, Title: title, Help: help, Type: records.Many, Options: options, Least: 1}
}

// date is a required day.
func date(name, title, help string) records.Field {
	return records.Field{Name: name, Title: title, Help: help, Type: records.Date}
}

// done is the day on which the work was done, from which the record's life counts.
func done(name, title, help string) records.Field {
	return records.Field{Name: name, Title: title, Help: help, Type: records.Date, Performed: true}
}

// ends is a day to come on which what the record says ends, at the latest.
func ends(name, title, help string) records.Field {
	return records.Field{Name: name, Title: title, Help: help, Type: records.Date, FutureOnly: true}
}

// rows is a table with at least one row.
func rows(name, title, help string, columns ...records.Field) records.Field {
	return records.Field{Name: name, Title: title, Help: help, Type: records.Rows, Fields: columns, Least: 1}
}

// covering is a table that must have a row for each of some words; its first column, named key, is one of them.
func covering(name, title, help string, key records.Field, words []string, columns ...records.Field) records.Field {
	f := rows(name, title, help, append([]records.Field{key}, columns...)...)
	f.Covers = words
	return f
}

// tracked is a table whose rows become items with an owner and a due date. It may be empty. More columns may follow the three.
func tracked(name, title, help string, columns ...records.Field) records.Field {
	f := rows(name, title, help, append([]records.Field{line("title", "What", ""), person("owner", "Owner", ""), date("due", "Due", "")}, columns...)...)
	f.Tracks, f.Optional, f.Least = true, true, 0
	return f
}

// may makes a field optional.
func may(f records.Field) records.Field {
	f.Optional, f.Least = true, 0
	return f
}

// measured is a field that is read from the evidence and that nobody types.
func measured(f records.Field) records.Field {
	f.Optional, f.Measured = true, true
	return f
}

// cells is a row of an example.
type cells = []any

// table makes rows of an example: the names of the columns, parted by blanks, and a value for each in every row.
func table(columns string, all ...cells) []any {
	names, out := strings.Fields(columns), make([]any, 0, len(all))
	for _, c := range all {
		row := map[string]any{}
		for i, name := range names {
			row[name] = c[i]
		}
		out = append(out, row)
	}
	return out
}

// filled makes rows of an example that cover words, all with the same further cells.
func filled(words []string, columns string, same ...any) []any {
	out := make([]any, 0, len(words))
	for _, w := range words {
		out = append(out, table(columns, append(cells{w}, same...))...)
	}
	return out
}

// words are the options of a list of texts for an example.
func words(list []string) []any {
	out := make([]any, 0, len(list))
	for _, w := range list {
		out = append(out, w)
	}
	return out
}

// cell reads a text of a row or form; anything else is empty.
func cell(row map[string]any, name string) string {
	s, _ := row[name].(string)
	return strings.TrimSpace(s)
}

// rowsOf reads the rows of a table.
func rowsOf(b records.Body, name string) (out []map[string]any) {
	list, _ := b[name].([]any)
	for _, v := range list {
		if row, ok := v.(map[string]any); ok {
			out = append(out, row)
		}
	}
	return out
}
