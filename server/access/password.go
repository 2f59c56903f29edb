package access

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ccojocar/zxcvbn-go"
	"github.com/ccojocar/zxcvbn-go/matching"

	"github.com/thingward/thingward/fleet"
)

const (
	passwordMost  = 256 // characters; longer input is refused before anything is computed
	passwordTried = 72  // zxcvbn's cost grows fast with length, and no longer password is weak for being short
)

// CheckPassword refuses a password that the rules do not allow for the account called name, saying what to do instead.
// The password is never part of the error.
func (s *Service) CheckPassword(name, password string) error {
	return s.Rules.checkPassword("password", name, password)
}

func (r Rules) checkPassword(field, name, password string) error {
	refuse := func(format string, args ...any) error { return fleet.Invalid(field, fmt.Sprintf(format, args...)) }
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return refuse("is not UTF-8 text")
	case n < r.MinLength:
		return refuse("has %d characters, want at least %d: use a few words that do not belong together", n, r.MinLength)
	case n > passwordMost:
		return refuse("has %d characters, want at most %d", n, passwordMost)
	case strings.ContainsFunc(password, unicode.IsControl):
		return refuse("holds a control character (a line end, perhaps): leave it out")
	case nearName(name, password):
		return refuse("is too near to the account's name: use something that has nothing to do with it")
	case commonPassword(password):
		return refuse("is on the list of passwords that are tried first: use a few words that do not belong together")
	}
	if score := strength(name, password); score < r.MinScore {
		return refuse("is easy to guess (strength %d of 4, want %d): use a few words that do not belong together, no names, dates, keyboard rows or repetition", score, r.MinScore)
	}
	return nil
}

// strength is zxcvbn's score, 0 to 4, of the password without repetition, as it is and with the usual substitutions
// undone. zxcvbn's own search through substitutions is left out: a password made of nothing else takes it seconds.
func strength(name, password string) int {
	known := append([]string{name, "thingward"}, strings.Split(name, "-")...)
	core := clipRunes(unrepeated(password), passwordTried)
	return min(
		zxcvbn.PasswordStrength(core, known, matching.FilterL33tMatcher).Score,
		zxcvbn.PasswordStrength(plain.Replace(core), known, matching.FilterL33tMatcher).Score,
	)
}

// unrepeated cuts a text that is one part over and over (the last time perhaps not whole) down to that part.
func unrepeated(s string) string {
	r := []rune(s)
	for n := 1; n <= len(r)/2; n++ {
		if slices.Equal(r[n:], r[:len(r)-n]) {
			return string(r[:n])
		}
	}
	return s
}

// nearName reports whether a password is little more than the name: equal after dropping case and what is no letter, or
// the name with a few characters around it, forwards or backwards.
func nearName(name, password string) bool {
	n, p := letters(name), letters(password)
	if len(n) < 3 {
		return false
	}
	for _, form := range []string{n, reversed(n)} {
		if strings.Contains(p, form) && len(p)-len(form) < 8 {
			return true
		}
	}
	return false
}

// plain undoes the substitutions that everybody knows.
var plain = strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, plain.Replace(strings.ToLower(s)))
}

func reversed(s string) string {
	b := []rune(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

func clipRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
