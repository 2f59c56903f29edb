package records

import (
	"math"
	"time"

	"github.com/thingward/thingward/fleet"
)

// KindInfo is a kind as it is shown.
type KindInfo struct {
	Name     string    `json:"name"`
	Title    string    `json:"title"`
	Purpose  string    `json:"purpose"`
	About    About     `json:"about"`
	LifeDays int       `json:"lifeDays"`
	Form     []Field   `json:"form"`
	Files    FilesInfo `json:"files"`
	Readers  Readers   `json:"readers"`
	Serves   []Served  `json:"serves"`
	Example  Body      `json:"example"`
	Schema   Schema    `json:"schema,omitempty"` // JSON Schema 2020-12; of one kind only, not in the list
}

// FilesInfo says what evidence approval needs.
type FilesInfo struct {
	Least int    `json:"least"`
	What  string `json:"what,omitempty"`
	// Reads is the format of files that are read, such as SARIF 2.1.0; ReadsLeast how many of them approval needs.
	Reads      string        `json:"reads,omitempty"`
	ReadsLeast int           `json:"readsLeast,omitempty"`
	Example    []ExampleFile `json:"example,omitempty"` // files that go with the example; of one kind only, not in the list
}

func (s *Service) info(k Kind) KindInfo {
	i := KindInfo{
		Name: k.Name, Title: k.Title, Purpose: k.Purpose, About: k.About, LifeDays: int(math.Round(float64(k.Life) / float64(24*time.Hour))), Form: k.Form,
		Files: FilesInfo{Least: k.Files.Least, What: k.Files.What}, Readers: k.Readers, Serves: s.Serves[k.Name], Example: k.ExampleOn(s.Clock.Now()),
	}
	if k.Reading != nil {
		i.Files.Reads, i.Files.ReadsLeast = k.Reading.Format, k.Reading.Least
	}
	if i.Serves == nil {
		i.Serves = []Served{}
	}
	return i
}

// KindInfos lists the kinds in the order of the shelf.
func (s *Service) KindInfos() []KindInfo {
	out := make([]KindInfo, 0, len(s.Kinds))
	for _, k := range s.Kinds {
		out = append(out, s.info(k))
	}
	return out
}

// KindInfo describes one kind, with its schema.
func (s *Service) KindInfo(name string) (KindInfo, error) {
	k, ok := s.kinds[name]
	if !ok {
		return KindInfo{}, fleet.Errorf(fleet.CodeNotFound, "there is no kind of record %s: list them (thingward record kinds)", quoted(name))
	}
	i := s.info(k)
	i.Schema = k.Schema()
	if k.Reading != nil {
		i.Files.Example = k.Reading.Example
	}
	return i, nil
}
