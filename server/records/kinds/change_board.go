package kinds

import (
	"fmt"

	"github.com/thingward/thingward/server/records"
)

// ChangeBoard serves UPD-01: who decides about updates, and with how many voices.
func ChangeBoard() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "change-board", Title: "Configuration control board", About: records.Organisation, Life: Year,
			Purpose: "Names the members of the board, its quorum and the process by which it approves updates.",
			Form: []records.Field{
				rows("members", "Members", "Three at least, so that two can decide about the work of the third.", person("member", "Member", ""), choice("part", "Part", "", "chair", "operations", "security", "development", "business")),
				number("quorum", "Quorum", "Members who must approve, the author not counted.", 2, 50),
				prose("process", "Process", "Meetings, papers, how a decision is recorded."),
				prose("tests", "Tests wanted", "Functional, security and interoperability tests, and who accepts them."),
				prose("emergency", "Emergencies", "Who may decide at once, and when the board looks at it."),
			},
			Check: func(b records.Body, _ records.Object) (faults []records.Fault) {
				members := map[string]bool{}
				for i, row := range rowsOf(b, "members") {
					if members[cell(row, "member")] {
						faults = append(faults, records.Fault{Path: fmt.Sprintf("members[%d].member", i), Message: "is on the board already: name each member once"})
					}
					members[cell(row, "member")] = true
				}
				if q, ok := figure(b, "quorum"); ok && float64(len(members)) < q+1 {
					faults = append(faults, records.Fault{Path: "quorum", Message: "the quorum must be reached without the author: name more members or lower it"})
				}
				return faults
			},
			Example: records.Body{
				"members": table("member part", cells{"mara", "chair"}, cells{"olga", "operations"}, cells{"ines", "security"}, cells{"theo", "operations"}), "quorum": 2.0, "process": "Each Tuesday; papers two days before; decision and reasons go to the audit log.",
				"tests": "Results of all three kinds for the very image; the security member accepts them.", "emergency": "Chair and security member together; the board looks at it on the next Tuesday.",
			},
		},
		Serves: []Serves{
			{"UPD-01", "board-charter", "charter-current", "The board's members, quorum and process are on record", Current},
			{"UPD-01", "board-charter", "members-active", "Each member of the board has an active account", PeopleActive},
		},
	}
}
