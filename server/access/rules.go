package access

import "time"

// Rules are what credentials must keep to (TSP-05). The zero value of a field means its default.
type Rules struct {
	// MinLength is the least number of characters of a password.
	MinLength int
	// MinScore is the least strength of a password, 0 to 4 on zxcvbn's scale: 3 takes more than 10^8 guesses.
	MinScore int
	// History is how many former passwords cannot be used again.
	History int
	// MaxAge is when a password must be changed.
	MaxAge time.Duration

	// Failures is how many failed sign-ins in a row lock a name.
	Failures int
	// Lock is how long the first lock holds; each further one, without a success between, holds twice as long.
	Lock time.Duration
	// MaxLock bounds the doubling.
	MaxLock time.Duration

	// ConsoleIdle ends a console session that nobody uses.
	ConsoleIdle time.Duration
	// SessionLife ends any session.
	SessionLife time.Duration
	// TokenLife is the longest life of an API token (CLS-11: short-lived or bound to a key).
	TokenLife time.Duration
	// LinkLife is the longest life of a one-time sign-in link.
	LinkLife time.Duration
	// SharedWithin is how soon one account at work from two addresses points to sharing (CLS-09, CLS-10).
	SharedWithin time.Duration

	// RequireMFA makes privileged roles count only in sessions that showed a second factor (CLS-11).
	RequireMFA bool

	// HashMemory (KiB) and HashPasses are the cost of argon2id; HashLimit is how many run at once.
	HashMemory uint32
	HashPasses uint32
	HashLimit  int
}

// DefaultRules are the rules where nothing else is said. The argon2id cost is one of those that OWASP
// recommends, the one that needs least memory at a time.
var DefaultRules = Rules{
	MinLength: 12, MinScore: 3, History: 5, MaxAge: 365 * 24 * time.Hour,
	Failures: 5, Lock: 15 * time.Minute, MaxLock: 24 * time.Hour,
	ConsoleIdle: 30 * time.Minute, SessionLife: 12 * time.Hour, TokenLife: 90 * 24 * time.Hour, LinkLife: 24 * time.Hour, SharedWithin: 5 * time.Minute,
	HashMemory: 19 * 1024, HashPasses: 2, HashLimit: 4,
}

func (r Rules) withDefaults() Rules {
	d := DefaultRules
	or(&r.MinLength, d.MinLength)
	or(&r.MinScore, d.MinScore)
	or(&r.History, d.History)
	or(&r.MaxAge, d.MaxAge)
	or(&r.Failures, d.Failures)
	or(&r.Lock, d.Lock)
	or(&r.MaxLock, d.MaxLock)
	or(&r.ConsoleIdle, d.ConsoleIdle)
	or(&r.SessionLife, d.SessionLife)
	or(&r.TokenLife, d.TokenLife)
	or(&r.LinkLife, d.LinkLife)
	or(&r.SharedWithin, d.SharedWithin)
	or(&r.HashMemory, d.HashMemory)
	or(&r.HashPasses, d.HashPasses)
	or(&r.HashLimit, d.HashLimit)
	return r
}

func or[T comparable](field *T, def T) {
	var zero T
	if *field == zero {
		*field = def
	}
}
