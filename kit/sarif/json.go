package sarif

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// parser walks through JSON one token at a time. What it does not look for is passed over, never built.
type parser struct {
	dec     *json.Decoder
	from    *counted
	path    []string
	depth   int
	results int // of all runs
	rules   int // of all runs
}

// counted counts the bytes that were read, and refuses those beyond a bound.
type counted struct {
	r    io.Reader
	n    int64
	most int64
}

var errTooLong = errors.New("too long")

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.n += int64(n); c.n > c.most {
		return 0, errTooLong
	}
	return n, err
}

// fault is an error at where the parser is.
func (p *parser) fault(format string, args ...any) error {
	return p.at("", format, args...)
}

// at is an error at a member of where the parser is.
func (p *parser) at(member, format string, args ...any) error {
	return &Error{p.place(member), fmt.Sprintf(format, args...)}
}

// place is the path of where the parser is, or of a member of it.
func (p *parser) place(member string) string {
	path := strings.Join(p.path, "")
	if member != "" {
		path += "." + member
	}
	return strings.TrimPrefix(path, ".")
}

func (p *parser) token() (json.Token, error) {
	tok, err := p.dec.Token()
	switch {
	case err == nil:
	case errors.Is(err, errTooLong):
		return nil, &Error{"", fmt.Sprintf("has more than the %d bytes allowed: have the tool leave out the text of rules and sources", p.from.most)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, p.fault("ends in the middle: the file is cut; have the tool write it again")
	default:
		return nil, p.fault("is followed by what is no JSON, at byte %d (%v): have the tool write the file again", p.dec.InputOffset(), short(err.Error()))
	}
	switch tok {
	case json.Delim('{'), json.Delim('['):
		if p.depth++; p.depth > depthMost {
			return nil, p.fault("nests deeper than %d: no tool writes that", depthMost)
		}
	case json.Delim('}'), json.Delim(']'):
		p.depth--
	}
	return tok, nil
}

// skip passes over one value.
func (p *parser) skip() error {
	tok, err := p.token()
	if d, opens := tok.(json.Delim); err != nil || !opens || d == '}' || d == ']' {
		return err
	}
	for outside := p.depth - 1; p.depth > outside; {
		if _, err := p.token(); err != nil {
			return err
		}
	}
	return nil
}

// members are what to do with members of an object; those not named are passed over.
type members map[string]func() error

// object reads an object. A member that is looked for may stand once: of two, somebody else may read the other.
func (p *parser) object(look members) error {
	tok, err := p.token()
	if err != nil {
		return err
	}
	if tok != json.Delim('{') {
		return p.fault("is no object: want { … } (SARIF 2.1.0)")
	}
	return p.inside(look)
}

func (p *parser) inside(look members) error {
	seen := make(map[string]bool, len(look))
	for p.dec.More() {
		tok, err := p.token()
		if err != nil {
			return err
		}
		name, _ := tok.(string)
		read, wanted := look[name]
		if !wanted {
			if err := p.skip(); err != nil {
				return err
			}
			continue
		}
		p.path = append(p.path, "."+name)
		if seen[name] {
			return p.fault("stands twice: leave one out")
		}
		seen[name] = true
		if err := read(); err != nil {
			return err
		}
		p.path = p.path[:len(p.path)-1]
	}
	_, err := p.token()
	return err
}

// list reads an array; given is false for null, which says nothing.
func (p *parser) list(most int, what string, each func(i int) error) (given bool, err error) {
	tok, err := p.token()
	if err != nil || tok == nil {
		return false, err
	}
	if tok != json.Delim('[') {
		return false, p.fault("is no list: want [ … ] (SARIF 2.1.0)")
	}
	for i := 0; p.dec.More(); i++ {
		if i >= most {
			return true, p.fault("has more than %d %s: split the file", most, what)
		}
		p.path = append(p.path, "["+strconv.Itoa(i)+"]")
		if err := each(i); err != nil {
			return true, err
		}
		p.path = p.path[:len(p.path)-1]
	}
	_, err = p.token()
	return true, err
}

// some is list as a member.
func (p *parser) some(most int, what string, each func(i int) error) func() error {
	return func() error { _, err := p.list(most, what, each); return err }
}

// text reads a text of one line into v.
func (p *parser) text(v *string) func() error {
	return func() error {
		tok, err := p.token()
		if err != nil {
			return err
		}
		s, ok := tok.(string)
		switch {
		case !ok:
			return p.fault("is no text")
		case len(s) > textMost:
			return p.fault("has %d bytes: want %d at most", len(s), textMost)
		case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }):
			return p.fault("holds characters that cannot be shown: want one line of text in UTF-8")
		}
		*v = strings.TrimSpace(s)
		return nil
	}
}

// choice reads one of some words into v.
func (p *parser) choice(v *string, words ...string) func() error {
	return func() error {
		if err := p.text(v)(); err != nil {
			return err
		}
		for _, w := range words {
			if *v == w {
				return nil
			}
		}
		return p.fault("is %q: want one of %s", short(*v), strings.Join(words, ", "))
	}
}

// index reads a place in a list into v; -1 is none.
func (p *parser) index(v *int) func() error {
	return func() error {
		tok, err := p.token()
		if err != nil {
			return err
		}
		n, ok := tok.(json.Number)
		i, err := strconv.Atoi(n.String())
		if !ok || err != nil || i < -1 {
			return p.fault("is no place in a list: want a whole number from 0, or leave it out")
		}
		*v = i
		return nil
	}
}

// instant reads a date and time (3.9) into v.
func (p *parser) instant(v *time.Time) func() error {
	return func() error {
		var s string
		if err := p.text(&s)(); err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil || at.Year() < 1970 {
			return p.fault("is %q: want a time in UTC such as 2026-11-22T08:30:00Z", short(s))
		}
		*v = at.UTC()
		return nil
	}
}

// short cuts a text for a message.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
