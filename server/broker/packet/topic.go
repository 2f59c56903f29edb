package packet

import (
	"strings"
	"unicode/utf8"
)

type bytestring interface {
	~string | ~[]byte
}

type textFault byte

const (
	textOK textFault = iota
	textBadUTF8
	textNull
	textWildcard
	textEmpty
	textTooLong
	textHash
	textPlus
	textShare
)

// scanText finds what section 1.5.4 forbids in a string: ill-formed UTF-8 (surrogates included) and U+0000.
func scanText[S bytestring](s S) textFault {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c == 0 {
				return textNull
			}
			i++
			continue
		}
		size := runeSize(s[i:])
		if size == 0 {
			return textBadUTF8
		}
		i += size
	}
	return textOK
}

// runeSize is the length of the well-formed character that s starts with, or 0.
func runeSize[S bytestring](s S) int {
	var b [utf8.UTFMax]byte
	n := copy(b[:], s)
	r, size := utf8.DecodeRune(b[:n])
	if r == utf8.RuneError && size <= 1 {
		return 0
	}
	return size
}

// scanTopic is scanText plus what a topic name may not be: empty, too long, or with a wildcard (MQTT-3.3.2-2, MQTT-4.7.3-1).
func scanTopic[S bytestring](s S) textFault {
	if fault := scanLength(s); fault != textOK {
		return fault
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '+' || s[i] == '#' {
			return textWildcard
		}
	}
	return scanText(s)
}

func scanLength[S bytestring](s S) textFault {
	switch {
	case len(s) == 0:
		return textEmpty
	case len(s) > maxText:
		return textTooLong
	default:
		return textOK
	}
}

// scanFilter checks a topic filter: encoding, that '#' stands alone in the last level and '+' alone in its level, and the form
// of a shared subscription.
func scanFilter[S bytestring](s S) textFault {
	if fault := scanLength(s); fault != textOK {
		return fault
	}
	if fault := scanText(s); fault != textOK {
		return fault
	}
	if isShare(s) {
		slash := shareEnd(s)
		if slash < 0 {
			return textShare
		}
		s = s[slash+1:]
	}
	return scanLevels(s)
}

func scanLevels[S bytestring](s S) textFault {
	for i := 0; i < len(s); i++ {
		alone := (i == 0 || s[i-1] == '/') && (i+1 == len(s) || s[i+1] == '/')
		switch {
		case s[i] == '#' && (!alone || i+1 != len(s)):
			return textHash
		case s[i] == '+' && !alone:
			return textPlus
		}
	}
	return textOK
}

const sharePrefix = "$share/"

func isShare[S bytestring](s S) bool {
	return len(s) >= len(sharePrefix) && string(s[:len(sharePrefix)]) == sharePrefix
}

// shareEnd is the position of the '/' after the share name, or -1 when name or filter is missing or the name has a wildcard
// (MQTT-4.8.2-1 and -2).
func shareEnd[S bytestring](s S) int {
	for i := len(sharePrefix); i < len(s); i++ {
		switch s[i] {
		case '+', '#':
			return -1
		case '/':
			if i == len(sharePrefix) || i+1 == len(s) {
				return -1
			}
			return i
		}
	}
	return -1
}

// ValidTopic reports whether s may be the topic name of a message: 1 to 65,535 bytes of UTF-8 without U+0000 and wildcards.
func ValidTopic[S bytestring](s S) bool {
	return scanTopic(s) == textOK
}

// ValidFilter reports whether s is a well-formed topic filter, shared ("$share/name/filter") or not.
func ValidFilter[S bytestring](s S) bool {
	return scanFilter(s) == textOK
}

// ParseShare splits a shared subscription into its share name and the filter that is matched (section 4.8.2). For any other
// filter, and for a malformed "$share/", shared is false and rest is the whole filter.
func ParseShare(filter string) (name, rest string, shared bool) {
	if !isShare(filter) {
		return "", filter, false
	}
	slash := shareEnd(filter)
	if slash < 0 {
		return "", filter, false
	}
	return filter[len(sharePrefix):slash], filter[slash+1:], true
}

// Match reports whether a topic name matches a topic filter (section 4.7). Both must be valid. A filter that starts with a
// wildcard does not match topics that start with '$' (MQTT-4.7.2-1). A shared subscription is matched by its rest: split it with
// [ParseShare] first.
func Match(filter, topic string) bool {
	if topic != "" && topic[0] == '$' && filter != "" && (filter[0] == '+' || filter[0] == '#') {
		return false
	}
	for {
		if filter == "#" {
			return true
		}
		fLevel, fRest, fMore := strings.Cut(filter, "/")
		tLevel, tRest, tMore := strings.Cut(topic, "/")
		if fLevel != "+" && fLevel != tLevel {
			return false
		}
		if !tMore {
			return !fMore || fRest == "#"
		}
		if !fMore {
			return false
		}
		filter, topic = fRest, tRest
	}
}

func textDetail(fault textFault) string {
	return [...]string{
		textOK:       "string is valid",
		textBadUTF8:  "string is not well-formed UTF-8",
		textNull:     "string contains U+0000",
		textWildcard: "topic name contains a wildcard",
		textEmpty:    "topic name or filter is empty",
		textTooLong:  "string is longer than 65,535 bytes",
		textHash:     "'#' in a topic filter is not alone in the last level",
		textPlus:     "'+' in a topic filter is not alone in its level",
		textShare:    "shared subscription is not $share/name/filter",
	}[fault]
}

// textClause names the clause that a fault breaks.
func (c *cursor) textClause(fault textFault) string {
	switch fault {
	case textBadUTF8:
		return c.pick("MQTT-1.5.4-1", "MQTT-1.5.3-1")
	case textNull:
		return c.pick("MQTT-1.5.4-2", "MQTT-1.5.3-2")
	case textWildcard:
		return "MQTT-3.3.2-2"
	case textHash:
		return c.pick("MQTT-4.7.1-1", "MQTT-4.7.1-2")
	case textPlus:
		return c.pick("MQTT-4.7.1-2", "MQTT-4.7.1-3")
	case textShare:
		return "MQTT-4.8.2-2"
	case textTooLong:
		return "MQTT-4.7.3-3"
	default:
		return "MQTT-4.7.3-1"
	}
}
