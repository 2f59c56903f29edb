package identity_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store/storetest"
)

func setup(dir string, key sealed.Key) error {
	return identity.Setup(context.Background(), dir, key, setupOptions(clock.NewFake(begin)))
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(read(t, path))
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSetupMakesRootAndIssuing(t *testing.T) {
	dir, key := t.TempDir(), sealed.NewKey()
	if err := setup(dir, key); err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(dir, "ca")
	root, sub := parse(t, filepath.Join(ca, "root.pem")), parse(t, filepath.Join(ca, "issuing.pem"))
	if !root.IsCA || root.MaxPathLen != 1 || !sub.IsCA || !sub.MaxPathLenZero || sub.MaxPathLen != 0 || sub.CheckSignatureFrom(root) != nil {
		t.Error("the authorities are not as they must be")
	}
	if y := root.NotAfter.Sub(begin) / (365 * identity.Day); y != 20 {
		t.Errorf("root lives %d years", y)
	}
	if y := sub.NotAfter.Sub(begin) / (365 * identity.Day); y != 5 {
		t.Errorf("issuing authority lives %d years", y)
	}
	for _, name := range []string{"root", "issuing"} {
		st, err := os.Stat(filepath.Join(ca, name+".key.sealed"))
		if err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, st, err)
		}
		if k, err := (identity.SealedKeys{Dir: ca, Key: key.Derive("ca")}).Open(name); err != nil || k == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSetupAgainChangesNothing(t *testing.T) {
	dir, key := t.TempDir(), sealed.NewKey()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := setup(dir, key); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	before := map[string][]byte{}
	for _, name := range []string{"root.pem", "issuing.pem", "root.key.sealed", "issuing.key.sealed"} {
		before[name] = read(t, filepath.Join(dir, "ca", name))
	}
	if err := setup(dir, key); err != nil {
		t.Fatal(err)
	}
	for name, was := range before {
		if !bytes.Equal(was, read(t, filepath.Join(dir, "ca", name))) {
			t.Errorf("%s changed", name)
		}
	}
}

// TestSetupKilledAtAnyStep takes away what a setup that was killed had not written yet, in the order of writing.
func TestSetupKilledAtAnyStep(t *testing.T) {
	steps := []string{"root.key.sealed", "root.pem", "issuing.key.sealed", "issuing.pem", "hosts"}
	for done := range steps {
		dir, key := t.TempDir(), sealed.NewKey()
		if err := setup(dir, key); err != nil {
			t.Fatal(err)
		}
		ca := filepath.Join(dir, "ca")
		rootKey := read(t, filepath.Join(ca, "root.key.sealed"))
		for _, name := range steps[done:] {
			if err := os.Remove(filepath.Join(ca, name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := setup(dir, key); err != nil {
			t.Errorf("after %v: %v", steps[:done], err)
			continue
		}
		if parse(t, filepath.Join(ca, "issuing.pem")).CheckSignatureFrom(parse(t, filepath.Join(ca, "root.pem"))) != nil {
			t.Errorf("after %v: the authorities do not belong together", steps[:done])
		}
		if done > 0 && !bytes.Equal(rootKey, read(t, filepath.Join(ca, "root.key.sealed"))) {
			t.Errorf("after %v: a second root key was made", steps[:done])
		}
	}
}

func TestSetupSaysWhatIsMissing(t *testing.T) {
	for name, try := range map[string]struct {
		spoil func(ca string, key *sealed.Key) error
		want  string
	}{
		"root's certificate gone": {func(ca string, _ *sealed.Key) error { return os.Remove(filepath.Join(ca, "root.pem")) }, "a second root is not made"},
		"root's key gone": {func(ca string, _ *sealed.Key) error {
			_ = os.Remove(filepath.Join(ca, "issuing.pem"))
			return os.Remove(filepath.Join(ca, "root.key.sealed"))
		}, "without the root's key"},
		"another sealing key": {func(ca string, key *sealed.Key) error {
			*key = sealed.NewKey()
			return os.Remove(filepath.Join(ca, "issuing.pem"))
		}, "same backup"},
		"damaged": {func(ca string, _ *sealed.Key) error {
			return os.WriteFile(filepath.Join(ca, "root.pem"), []byte("x"), 0o600)
		}, "restore it from your backup"},
	} {
		dir, key := t.TempDir(), sealed.NewKey()
		if err := setup(dir, key); err != nil {
			t.Fatal(err)
		}
		if err := try.spoil(filepath.Join(dir, "ca"), &key); err != nil {
			t.Fatal(err)
		}
		if err := setup(dir, key); err == nil || !strings.Contains(err.Error(), try.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSetupRefusesBadInput(t *testing.T) {
	for _, o := range []identity.SetupOptions{{Organisation: ""}, {Organisation: strings.Repeat("x", 65)}, {Organisation: "a\nb"}, {Organisation: "a", Hosts: []string{"a b"}}} {
		o.Clock = clock.NewFake(begin)
		dir := t.TempDir()
		if err := identity.Setup(context.Background(), dir, sealed.NewKey(), o); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("%+v: %v", o, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%+v left %v", o, left)
		}
	}
}

func TestNewRefusesADirectoryThatDoesNotBelongTogether(t *testing.T) {
	for name, try := range map[string]struct {
		spoil func(*world) error
		want  string
	}{
		"no setup":            {func(w *world) error { return os.RemoveAll(filepath.Join(w.dir, "ca")) }, "thingward setup"},
		"setup not completed": {func(w *world) error { return os.Remove(filepath.Join(w.dir, "ca", "issuing.pem")) }, "thingward setup again"},
		"another sealing key": {func(w *world) error { w.key = sealed.NewKey(); return nil }, "same backup"},
		"another's root": {func(w *world) error {
			other := newWorld(t, storetest.Open(t))
			b, err := os.ReadFile(filepath.Join(other.dir, "ca", "root.pem"))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(w.dir, "ca", "root.pem"), b, 0o600)
		}, "same backup"},
	} {
		w := newWorld(t, storetest.Open(t))
		if err := try.spoil(w); err != nil {
			t.Fatal(err)
		}
		if _, err := identity.New(context.Background(), w.config()); err == nil || !strings.Contains(err.Error(), try.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheRootMayBeTakenOffline(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	if err := os.Remove(filepath.Join(w.dir, "ca", "root.key.sealed")); err != nil {
		t.Fatal(err)
	}
	w.open()
	if _, c := w.enrolled("device", "lock-1"); w.Usable(context.Background(), c.Leaf) != nil {
		t.Error("enrolment needs the root's key")
	}
	w.crl(w.Root(), "root.crl")
}
