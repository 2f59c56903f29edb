package posture

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/thingward/thingward/fleet"
)

// FindingSummary is how many findings are open, and whose they are. What is overdue is noticed within a minute.
type FindingSummary struct {
	Open       int                    `json:"open"` // the overdue ones among them
	Overdue    int                    `json:"overdue"`
	Excepted   int                    `json:"excepted"`
	Closed     int                    `json:"closed"`
	Unowned    int                    `json:"unowned"`
	Owners     []OwnerCount           `json:"owners" doc:"The 100 with most open findings."`
	Severities map[fleet.Severity]int `json:"severities" doc:"Open findings by severity."`
	Domains    []DomainCount          `json:"domains"`
}

// OwnerCount is what one person owns.
type OwnerCount struct {
	Owner   string `json:"owner"`
	Open    int    `json:"open"`
	Overdue int    `json:"overdue"`
}

// DomainCount is the open findings of one domain.
type DomainCount struct {
	Domain  string `json:"domain"`
	Open    int    `json:"open"`
	Overdue int    `json:"overdue"`
}

// ownersShown bounds the owners of a summary.
const ownersShown = 100

// FindingSummary adds the ledger up.
func (s *Service) FindingSummary() FindingSummary {
	sum := FindingSummary{Severities: map[fleet.Severity]int{fleet.Critical: 0, fleet.High: 0, fleet.Medium: 0, fleet.Low: 0}, Owners: []OwnerCount{}, Domains: []DomainCount{}}
	owners, domains := map[string]*OwnerCount{}, map[string]*DomainCount{}
	for e, n := range s.ledger.copy() {
		switch e.what {
		case findingExcepted:
			sum.Excepted += n
			continue
		case findingClosed:
			sum.Closed += n
			continue
		}
		overdue := 0
		if e.what == entryOverdue {
			overdue = n
		}
		sum.Open, sum.Overdue = sum.Open+n, sum.Overdue+overdue
		if e.owner == "" {
			sum.Unowned += n
		} else {
			o := owners[e.owner]
			if o == nil {
				o = &OwnerCount{Owner: e.owner}
				owners[e.owner] = o
			}
			o.Open, o.Overdue = o.Open+n, o.Overdue+overdue
		}
		domain, _, _ := strings.Cut(s.names[e.num], "-")
		d := domains[domain]
		if d == nil {
			d = &DomainCount{Domain: domain}
			domains[domain] = d
		}
		d.Open, d.Overdue = d.Open+n, d.Overdue+overdue
		severity := fleet.Medium
		if i, ok := s.byNum[e.num]; ok {
			severity = s.severity(i)
		}
		sum.Severities[severity] += n
	}
	for _, o := range slices.SortedFunc(maps.Values(owners), func(a, b *OwnerCount) int {
		return cmp.Or(cmp.Compare(b.Open, a.Open), cmp.Compare(a.Owner, b.Owner))
	}) {
		if len(sum.Owners) < ownersShown {
			sum.Owners = append(sum.Owners, *o)
		}
	}
	for _, d := range s.Catalogue.Domains {
		if n := domains[d.ID]; n != nil {
			sum.Domains = append(sum.Domains, *n)
		}
	}
	return sum
}
