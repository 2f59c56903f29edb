package catalogue

import (
	"regexp"
	"strings"
	"testing"
)

// texts returns every text of the catalogue that we wrote, by where it stands.
// Names of domains and of other frameworks' items are given to us.
func texts(c *Catalogue) map[string]string {
	all := map[string]string{}
	for _, d := range c.Domains {
		all[d.ID+" summary"] = d.Summary
		for _, control := range d.Controls {
			all[control.ID+" title"] = control.Title
			all[control.ID+" statement"] = control.Statement
			all[control.ID+" fails_when"] = control.FailsWhen
			all[control.ID+" clears_when"] = control.ClearsWhen
			all[control.ID+" missing"] = control.Missing
			for _, o := range control.Obligations {
				all[control.ID+"/"+o.Key] = o.Text
			}
		}
	}
	for _, f := range c.Frameworks {
		for _, item := range f.Items {
			all[f.ID+" "+item.ID] = item.Description
		}
		for _, group := range f.Product {
			for _, w := range group.Controls {
				all[f.ID+" "+group.Item+"/"+w.Control] = w.Why
			}
		}
	}
	for _, p := range c.Profiles {
		all[p.ID+" summary"] = p.Summary
		for _, w := range p.Weights {
			all[p.ID+"/"+w.Control] = w.Reason
		}
	}
	return all
}

func TestNoTwoControlsShareAnObligation(t *testing.T) {
	owner := map[string]string{}
	for _, control := range mustLoad(t).Controls() {
		for _, o := range control.Obligations {
			text := strings.ToLower(strings.Join(strings.Fields(o.Text), " "))
			if other, taken := owner[text]; taken {
				t.Errorf("%s/%s says the same as %s: %s", control.ID, o.Key, other, o.Text)
			}
			owner[text] = control.ID + "/" + o.Key
		}
	}
}

// The house words: one word for each idea, and British spelling. ZigBee's
// Trust Center and FIDO Device Onboard are proper names.
func TestHouseWords(t *testing.T) {
	avoided := regexp.MustCompile(`(?i)\b(assets?|onboard\w*|den(y|ied|ies|ial)|isolat\w*|waive[dr]?\w*|` +
		`whitelist\w*|blacklist\w*|(un)?authoriz\w*|organiz\w*|(sani|mini|recogni|initiali|priori|zeroi|utili)tiz\w*|` +
		`recogniz\w*|zeroiz\w*|analyz\w*|behavior\w*|center\w*|catalog|program|judgment|fulfill|robust|seamless\w*|leverag\w*)\b`) //nolint:misspell // what to avoid
	proper := strings.NewReplacer("Trust Center", "", "FIDO Device Onboard", "")
	for where, text := range texts(mustLoad(t)) {
		if word := avoided.FindString(proper.Replace(text)); word != "" {
			t.Errorf("%s uses %q: %s", where, word, text)
		}
	}
}

// One sentence where one is asked for, so that the console can show it in one
// place, and none so long that nobody reads it.
func TestSentences(t *testing.T) {
	end := regexp.MustCompile(`[.!?] [A-Z]`)
	abbreviation := strings.NewReplacer("Rev. 2", "Rev 2")
	for where, text := range texts(mustLoad(t)) {
		text = abbreviation.Replace(text)
		n, most := len(end.FindAllString(text, -1)), 0
		if strings.HasSuffix(where, " statement") {
			most = 2
		}
		if n > most {
			t.Errorf("%s has %d sentences, the limit is %d: %s", where, n+1, most+1, text)
		}
		for _, sentence := range end.Split(text, -1) {
			if words := len(strings.Fields(sentence)); words > 45 {
				t.Errorf("%s has a sentence of %d words: %s", where, words, sentence)
			}
		}
	}
}

func TestMissingSaysWhatIsNeeded(t *testing.T) {
	for _, control := range mustLoad(t).Controls() {
		if !strings.HasPrefix(control.Missing, "Needs ") {
			t.Errorf("%s: missing does not say what is needed: %s", control.ID, control.Missing)
		}
		if strings.HasSuffix(control.Title, ".") {
			t.Errorf("%s: title ends with a full stop", control.ID)
		}
	}
}
