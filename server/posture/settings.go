package posture

import (
	"context"
	"strings"
)

// settings shows every setting below the secure default as a subject of its own, from what the server says of itself.
type settings struct{ server Source }

// Kind is Setting.
func (settings) Kind() Kind { return Setting }

// Each gives the settings that are weaker than the default.
func (s settings) Each(ctx context.Context, fn func(Facts) error) error {
	return s.server.Each(ctx, func(f Facts) error {
		server, ok := f.(*ServerFacts)
		if !ok {
			return nil
		}
		for _, w := range server.Weakened {
			if err := fn(settingOf(w)); err != nil {
				return err
			}
		}
		return nil
	})
}

// One gives one of them.
func (s settings) One(ctx context.Context, id string) (found Facts, ok bool, err error) {
	err = s.Each(ctx, func(f Facts) error {
		if f.Ref().ID == id {
			found, ok = f, true
		}
		return nil
	})
	return found, ok, err
}

func settingOf(weakened string) *SettingFacts {
	_, meaning, _ := strings.Cut(weakened, ":")
	return &SettingFacts{settingName(weakened), strings.TrimSpace(meaning)}
}

// settingName is the name in "name: what that means".
func settingName(weakened string) string {
	name, _, _ := strings.Cut(weakened, ":")
	return name
}
