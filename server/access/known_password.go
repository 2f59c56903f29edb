package access

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"github.com/ccojocar/zxcvbn-go/frequency"
)

//go:embed common.txt
var commonText string

// commonWords is the list of breached and much-tried passwords, as letters only: zxcvbn's own list and the long ones of
// common.txt, which shorter lists lack.
var commonWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for _, w := range frequency.Lists["Passwords"].List {
		words[letters(w)] = true
	}
	for w := range strings.FieldsSeq(commonText) {
		words[letters(w)] = true
	}
	delete(words, "")
	return words
})

// commonPassword reports whether a password is a much-tried one, also when digits and signs were added around it, when
// letters were replaced in the usual way, or when it was typed twice or thrice.
func commonPassword(password string) bool {
	core := strings.TrimFunc(strings.ToLower(password), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, form := range []string{letters(core), letters(password)} {
		if commonWords()[form] || commonWords()[reversed(form)] {
			return true
		}
		for _, times := range []int{2, 3} {
			if n := len(form) / times; n > 0 && len(form)%times == 0 && strings.Repeat(form[:n], times) == form && commonWords()[form[:n]] {
				return true
			}
		}
	}
	return strings.IndexFunc(password, unicode.IsLetter) < 0 && !spread(password)
}

// spread reports whether a password without letters has at least eight different characters.
func spread(password string) bool {
	seen := map[rune]bool{}
	for _, r := range password {
		seen[r] = true
	}
	return len(seen) >= 8
}
