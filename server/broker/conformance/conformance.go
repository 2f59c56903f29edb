// Package conformance says for every numbered statement of MQTT 5.0 and 3.1.1 which test proves it, or why it does not apply, and
// writes that down as docs/mqtt-conformance.md. The YAML files are the source; edit them, then run go generate here.
package conformance

import (
	"bytes"
	"embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

//go:generate go run ./write ../../../docs/mqtt-conformance.md

//go:embed *.yaml
var files embed.FS

// Statement is one numbered statement of a standard. One of By, Not and Open is set.
type Statement struct {
	// ID is the standard's own, such as MQTT-1.5.4-1.
	ID string `yaml:"id"`
	// What it asks for, in our own words.
	What string `yaml:"what"`
	// By names the tests that prove it: of the package broker, or package.Test of a folder beside it.
	By []string `yaml:"by"`
	// Not is why it does not apply.
	Not string `yaml:"not"`
	// Open is why it is not proved yet.
	Open string `yaml:"open"`
}

// Standard is one standard with its statements, in its own order.
type Standard struct {
	Name       string
	Statements []Statement
}

// Standards reads both.
func Standards() ([]Standard, error) {
	var out []Standard
	for _, x := range []struct{ name, file string }{{"MQTT 5.0", "mqtt5.yaml"}, {"MQTT 3.1.1", "mqtt311.yaml"}} {
		b, err := files.ReadFile(x.file)
		if err != nil {
			return nil, err
		}
		s := Standard{Name: x.name}
		d := yaml.NewDecoder(bytes.NewReader(b))
		d.KnownFields(true)
		if err := d.Decode(&s.Statements); err != nil {
			return nil, fmt.Errorf("%s: %w", x.file, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// count tells how many statements are proved, do not apply, and are open.
func (s *Standard) count() (proved, not, open int) {
	for _, x := range s.Statements {
		switch {
		case len(x.By) > 0:
			proved++
		case x.Not != "":
			not++
		default:
			open++
		}
	}
	return proved, not, open
}

// Markdown is the document.
func Markdown(all []Standard) []byte {
	var b bytes.Buffer
	b.WriteString(head)
	for i := range all {
		proved, not, open := all[i].count()
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", all[i].Name, len(all[i].Statements), proved, not, open)
	}
	for _, s := range all {
		fmt.Fprintf(&b, "\n## %s\n| Statement | What it asks for | Proof |\n|---|---|---|\n", s.Name)
		for _, x := range s.Statements {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", x.ID, x.What, x.proof())
		}
	}
	return b.Bytes()
}

func (s *Statement) proof() string {
	switch {
	case len(s.By) > 0:
		return "`" + strings.Join(s.By, "`, `") + "`"
	case s.Not != "":
		return "does not apply: " + s.Not
	}
	return "**not proved yet**: " + s.Open
}

const head = `# MQTT, statement by statement
Every numbered statement of the two standards (their appendix B), in our own words, with the tests that prove it against the real listener, or why it does not apply to a server like this one. A
test that has no package is in ` + "`server/broker`" + `; the others are in the folders ` + "`packet`" + ` and ` + "`topics`" + ` there. Written from ` + "`server/broker/conformance/*.yaml`" + ` by ` + "`go generate ./server/broker/conformance`" + `;
a test there sees to it that every statement has its row and every named test exists.

| Standard | Statements | Proved | Do not apply | Not proved yet |
|---|---|---|---|---|
`
