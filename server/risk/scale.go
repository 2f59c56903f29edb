package risk

import "strconv"

// Level is a step of the five-level scales of NIST SP 800-30 Rev. 1, 1 (very low) to 5 (very high); 0 is none.
type Level int

// The levels, by the names that the standard gives them.
const (
	VeryLow Level = iota + 1
	Low
	Moderate
	High
	VeryHigh
)

var levelNames = [...]string{"", "very-low", "low", "moderate", "high", "very-high"}

// String is the level's name; empty for none.
func (l Level) String() string {
	if !l.Valid() {
		return ""
	}
	return levelNames[l]
}

// Valid reports whether l is one of the five.
func (l Level) Valid() bool { return l >= VeryLow && l <= VeryHigh }

// parseLevel reads a level by name or number.
func parseLevel(s string) (Level, bool) {
	for l := VeryLow; l <= VeryHigh; l++ {
		if s == levelNames[l] || s == strconv.Itoa(int(l)) {
			return l, true
		}
	}
	return 0, false
}

// matrix is table I-2 of NIST SP 800-30 Rev. 1: rows are likelihood, columns impact, both from very low up. A rare threat
// with a terrible outcome is a low risk there, and a sure threat without effect a very low one: impact weighs more.
var matrix = [5][5]Level{
	{VeryLow, VeryLow, VeryLow, Low, Low},
	{VeryLow, Low, Low, Low, Moderate},
	{VeryLow, Low, Moderate, Moderate, High},
	{VeryLow, Low, Moderate, High, VeryHigh},
	{VeryLow, Low, Moderate, High, VeryHigh},
}

// Combine is the level of risk of a likelihood and an impact; none unless both are levels.
func Combine(likelihood, impact Level) Level {
	if !likelihood.Valid() || !impact.Valid() {
		return 0
	}
	return matrix[likelihood-1][impact-1]
}

// Step explains one level of a scale in our words.
type Step struct {
	Level Level  `json:"level"`
	Name  string `json:"name"`
	Text  string `json:"text"`
}

// Scales is what a person needs to rate a risk.
type Scales struct {
	Source     string      `json:"source"`
	Likelihood []Step      `json:"likelihood"`
	Impact     []Step      `json:"impact"`
	Level      []Step      `json:"level"`
	Matrix     [5][5]Level `json:"matrix"` // rows likelihood, columns impact, from level 1
	Scopes     []Scope     `json:"scopes"`
	Decisions  []Choice    `json:"decisions"`
}

// Choice is a decision that can be made about a risk.
type Choice struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

func steps(texts [5]string) []Step {
	out := make([]Step, 0, len(texts))
	for i, text := range texts {
		l := Level(i + 1)
		out = append(out, Step{l, l.String(), text})
	}
	return out
}

// TheScales explains levels, scopes and decisions. The names of the levels and the matrix are the standard's; the
// explanations are ours.
func TheScales() Scales {
	return Scales{
		Source: "NIST SP 800-30 Rev. 1 (September 2012), appendices G, H and I",
		Likelihood: steps([5]string{
			"It would surprise us: no known actor has motive and means, or what would have to fail has never failed.",
			"It has happened elsewhere under other circumstances; here several safeguards would have to fail together.",
			"It could well happen within a year: actors exist, or the failure is known from comparable systems.",
			"We expect it within a year: the weakness is known and can be used, or the failure recurs.",
			"It is happening or as good as certain: the weakness is used in the wild, or nothing stands in the way.",
		}),
		Impact: steps([5]string{
			"Hardly noticed: no data, service or person is affected in a way that matters.",
			"A nuisance: one function is worse for a time, little is lost, and the day's work mends it.",
			"Serious: an important function fails or personal data of a few gets out; mending it costs noticeable money.",
			"Severe: a main function is lost for days, many people's data gets out, or somebody may be hurt.",
			"Disastrous: life is in danger, several systems are lost for long, or the organisation itself is at stake.",
		}),
		Level: steps([5]string{
			"Keep it in the register; nothing more is owed.",
			"Look at it again with the next assessment.",
			"Plan what to do, with a date and somebody who does it.",
			"Act soon: mitigation comes before new work on what is affected.",
			"Act at once, or switch off what is affected.",
		}),
		Matrix: matrix, Scopes: Scopes,
		Decisions: []Choice{
			{Mitigate, "Something is done to make it less likely or less harmful; list what, by whom and until when."},
			{Defer, "It is put off to a date within a year, with the reason; after that date it is undecided again."},
			{Accept, "The organisation lives with it until a date within a year, with the reason; after that date it is undecided again."},
		},
	}
}
