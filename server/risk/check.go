package risk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/thingward/thingward/fleet"
)

// Longest texts, in characters, and most parts of one risk.
const (
	mostTitle       = 160
	mostName        = 120
	mostText        = 4000
	mostMitigations = 100
	mostLinks       = 200
	mostRisks       = 100_000
)

// Longest times ahead. A year is what RSM-02's register allows a decision that does nothing; five years is more than any
// mitigation that anyone means to finish.
const (
	longestDecision   = 366 * 24 * time.Hour
	longestMitigation = 5 * 366 * 24 * time.Hour
)

// Text is what a person says about a risk.
type Text struct {
	Title         string   `json:"title"`
	Asset         string   `json:"asset" doc:"What would be harmed."`
	System        string   `json:"system,omitempty" doc:"Id or name of a system; none: the whole organisation."`
	Site          string   `json:"site,omitempty" doc:"Id or name of a site."`
	Scopes        []string `json:"scopes,omitempty" maxItems:"32" doc:"Which required scopes of an assessment it belongs to; GET /risks/scales lists them."`
	Threat        string   `json:"threat" doc:"What may happen."`
	Source        string   `json:"source,omitempty" doc:"Who or what the threat comes from."`
	Vulnerability string   `json:"vulnerability,omitempty" doc:"What the threat makes use of."`
	Likelihood    Level    `json:"likelihood" doc:"1 (very low) to 5 (very high)."`
	Impact        Level    `json:"impact" doc:"1 (very low) to 5 (very high)."`
	Safety        bool     `json:"safety,omitempty" doc:"People or surroundings may come to harm."`
	Owner         string   `json:"owner" doc:"Account name of the person who answers for it."`
}

// tidy trims texts and puts scopes into order, each once. A risk to safety is in the scope safety.
func (t *Text) tidy() {
	for _, p := range []*string{&t.Title, &t.Asset, &t.System, &t.Site, &t.Threat, &t.Source, &t.Vulnerability, &t.Owner} {
		*p = strings.TrimSpace(*p)
	}
	if t.Safety {
		t.Scopes = append(slices.Clone(t.Scopes), safetyScope)
	}
	named := t.Scopes
	t.Scopes = []string{}
	for _, s := range Scopes {
		if slices.Contains(named, s.Name) {
			t.Scopes = append(t.Scopes, s.Name)
		}
	}
	for _, name := range named { // unknown ones stay, to be refused by name
		if !knownScope(name) {
			t.Scopes = append(t.Scopes, name)
		}
	}
}

// check refuses what is missing or cannot be stored, all at once.
func (t *Text) check() error {
	return join(
		text("title", t.Title, mostTitle, true, false), text("asset", t.Asset, mostTitle, true, false), text("threat", t.Threat, mostText, true, true),
		text("source", t.Source, mostTitle, false, false), text("vulnerability", t.Vulnerability, mostText, false, true),
		text("system", t.System, mostName, false, false), text("site", t.Site, mostName, false, false), text("owner", t.Owner, mostName, true, false),
		level("likelihood", t.Likelihood), level("impact", t.Impact), scopes(t.Scopes),
	)
}

func scopes(names []string) error {
	if len(names) == 0 {
		return fleet.Invalid("scopes", "say which scope it belongs to: "+strings.Join(scopeNames(), ", "))
	}
	var errs []error
	for i, name := range names {
		if !knownScope(name) {
			errs = append(errs, fleet.Invalid(fmt.Sprintf("scopes[%d]", i), fmt.Sprintf("%q is no scope: want %s", clip(name), strings.Join(scopeNames(), ", "))))
		}
	}
	return join(errs...)
}

func level(field string, l Level) error {
	if l.Valid() {
		return nil
	}
	return fleet.Invalid(field, "want a level from 1 (very low) to 5 (very high): GET /api/v1/risks/scales explains them")
}

// text refuses what is missing, too long or cannot be shown. Only lines texts may hold line breaks.
func text(field, s string, most int, must, lines bool) error {
	switch {
	case s == "" && must:
		return fleet.Invalid(field, "is missing: write it")
	case utf8.RuneCountInString(s) > most:
		return fleet.Invalid(field, fmt.Sprintf("has %d characters and may have %d: shorten it", utf8.RuneCountInString(s), most))
	case !utf8.ValidString(s):
		return fleet.Invalid(field, "is not UTF-8")
	}
	for _, r := range s {
		if (unicode.IsControl(r) && (!lines || (r != '\n' && r != '\t'))) || r == utf8.RuneError {
			return fleet.Invalid(field, "holds characters that cannot be shown: remove them")
		}
	}
	return nil
}

// ahead refuses a date that is past or further ahead than most.
func ahead(field string, at, now time.Time, most time.Duration) error {
	switch {
	case at.IsZero():
		return fleet.Invalid(field, "is missing: give a date")
	case !at.After(now):
		return fleet.Invalid(field, "is past: give a date that is still to come")
	case at.After(now.Add(most)):
		return fleet.Invalid(field, fmt.Sprintf("is too far ahead: the latest is %s", now.Add(most).UTC().Format("2006-01-02")))
	}
	return nil
}

// join puts the fields of several errors into one. Anything but an invalid input is returned as it is.
func join(errs ...error) error {
	all := fleet.Errorf(fleet.CodeInvalid, "the input is not valid")
	for _, err := range errs {
		var fe *fleet.Error
		switch {
		case err == nil:
		case errors.As(err, &fe) && fe.Code == fleet.CodeInvalid:
			all.Fields = append(all.Fields, fe.Fields...)
		default:
			return err
		}
	}
	if len(all.Fields) == 0 {
		return nil
	}
	return all
}

func clip(s string) string {
	if len(s) > 60 {
		s = s[:60] + "…"
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
}
