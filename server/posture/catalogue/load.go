package catalogue

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v4"
)

//go:embed domains/*.yaml frameworks/*.yaml profiles/*.yaml
var files embed.FS

// maxFile is the largest catalogue file that is decoded, in bytes. The largest
// of ours has about 60,000; the bound keeps a damaged file from using memory.
const maxFile = 1 << 20

// Load returns the catalogue that is compiled into the binary. An error means
// that the build is wrong, and lists every fault with its file and control: it
// is for the person who edits the YAML, and the program must not start.
func Load() (*Catalogue, error) { return load(files) }

// load reads, checks and indexes the catalogue in a file system that has the
// folders domains, frameworks and profiles.
func load(fsys fs.FS) (*Catalogue, error) {
	domains, err := decodeAll[Domain](fsys, "domains/*.yaml")
	if err != nil {
		return nil, err
	}
	frameworks, err := decodeAll[Framework](fsys, "frameworks/*.yaml")
	if err != nil {
		return nil, err
	}
	profiles, err := decodeAll[Profile](fsys, "profiles/*.yaml")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(domains, func(a, b Domain) int { return cmp.Compare(a.Order, b.Order) })
	slices.SortStableFunc(frameworks, byOrder)
	c := &Catalogue{Domains: domains, Frameworks: frameworks, Profiles: profiles}
	c.index()
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	return c, nil
}

// byOrder puts the OWASP list first, because the controls' own source maps to it, and leaves the others in the order of
// their names.
func byOrder(a, b Framework) int {
	switch {
	case a.ID == OWASPID && b.ID != OWASPID:
		return -1
	case b.ID == OWASPID && a.ID != OWASPID:
		return 1
	}
	return 0
}

// index fills what Load derives: each control's domain and the look-ups.
func (c *Catalogue) index() {
	c.controls = map[string]Control{}
	for i := range c.Domains {
		for j := range c.Domains[i].Controls {
			control := &c.Domains[i].Controls[j]
			control.Domain = c.Domains[i].ID
			c.controls[control.ID] = *control
		}
	}
	c.mappings = map[string]map[string][]Mapping{}
	for _, f := range c.Frameworks {
		c.mappings[f.ID] = f.index(c.Domains)
	}
}

// decodeAll decodes every file that matches, in the order of their names, and
// returns the faults of all of them.
func decodeAll[T any](fsys fs.FS, pattern string) ([]T, error) {
	names, err := fs.Glob(fsys, pattern)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %s: %w", pattern, err)
	}
	var all []T
	var faults []error
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("catalogue: %w", err)
		}
		one, err := decode[T](data)
		if err != nil {
			faults = append(faults, fmt.Errorf("catalogue: %s: %w", name, err))
		}
		all = append(all, one)
	}
	return all, errors.Join(faults...)
}

// decode reads one YAML document and refuses fields that the type does not
// have, so that a misspelt field cannot silently drop a promise.
func decode[T any](data []byte) (T, error) {
	var value T
	if len(data) > maxFile {
		return value, fmt.Errorf("file has %d bytes, the limit is %d; split it", len(data), maxFile)
	}
	err := yaml.Load(data, &value, yaml.WithKnownFields(), yaml.WithUniqueKeys())
	return value, err
}
