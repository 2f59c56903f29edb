// Package demo shows Thingward working: a real server and a simulated fleet in which every device is a real client with
// its own key, EST enrolment, MQTT 5 over mutual TLS, heartbeats, telemetry and renewal, and some misbehave.
package demo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/thingward/thingward/server"
)

// Options says what to show.
type Options struct {
	Config  server.Config
	Devices int
	Links   int // more sign-in links for the administrator, for browser tests
	Out     io.Writer
	Log     *slog.Logger
}

const (
	administrator = "mara-kuehn"
	operator      = "jan-petersen"
	auditor       = "lanre-okafor"
	linkLife      = 12 * time.Hour
)

// Run sets up what is missing, starts server and fleet and prints where to look. It ends cleanly with ctx; a second run
// goes on with the same data.
func Run(ctx context.Context, o Options) error {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(o.Out, format+"\n", args...) }
	if o.Devices < 1 || o.Devices > 5000 {
		return fmt.Errorf("--devices %d: want 1 to 5000", o.Devices)
	}
	if err := prepare(ctx, o, say); err != nil {
		return err
	}
	srv, err := server.Open(ctx, o.Config, o.Log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	ended := make(chan error, 1)
	wg.Go(func() { ended <- srv.Run(ctx); cancel() })
	if err := show(ctx, srv, o, say, &wg); err != nil && ctx.Err() == nil {
		cancel()
		wg.Wait()
		return errors.Join(err, <-ended)
	}
	<-ctx.Done()
	say("\nstopping …")
	wg.Wait()
	return <-ended
}

// prepare runs setup for a fresh folder. The administrator's password is random and kept nowhere: people come in by link.
func prepare(ctx context.Context, o Options, say func(string, ...any)) error {
	if o.Config.AllowRoot && os.Geteuid() == 0 {
		say("notice: running as root, which thingward serve refuses; fine for a demo")
	}
	err := server.Setup(ctx, server.SetupOptions{Data: o.Config.Data, Admin: administrator, Password: randomPassword(), Organisation: "Thingward demo", Database: o.Config.Database})
	if errors.Is(err, server.ErrSetUp) {
		say("going on with the data in %s", o.Config.Data)
		return nil
	}
	return err
}

func randomPassword() string {
	b := make([]byte, 24)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// show fills the fleet and starts it.
func show(ctx context.Context, srv *server.Server, o Options, say func(string, ...any), wg *sync.WaitGroup) error {
	select {
	case <-srv.Ready():
	case <-ctx.Done():
		return ctx.Err()
	}
	root, err := os.ReadFile(filepath.Join(o.Config.Data, "ca", "root.pem"))
	if err != nil {
		return err
	}
	addr := srv.Addresses()
	op, err := signIn(ctx, srv, root, administrator)
	if err != nil {
		return err
	}
	say("console: https://%s  (trust %s)", addr.HTTPS, filepath.Join(o.Config.Data, "ca", "root.pem"))
	f := &fleetPlan{op: op, root: root, addr: addr, dir: filepath.Join(o.Config.Data, "fleet"), log: o.Log}
	if err := f.register(ctx, o.Devices); err != nil {
		return err
	}
	f.start(ctx, wg, say)
	wg.Go(func() {
		if err := keep(ctx, srv, root, op, say); err != nil && ctx.Err() == nil {
			say("office: %v", err)
		}
	})
	wg.Go(func() { f.misbehave(ctx, say) })
	return printLinks(ctx, srv, o, say)
}

// printLinks prints one-time links. The secret stands behind the #, which browsers send to no server.
func printLinks(ctx context.Context, srv *server.Server, o Options, say func(string, ...any)) error {
	base := "https://" + browserAddress(srv.Addresses().HTTPS) + "/sign-in/link#"
	for range o.Links {
		link, err := srv.SignInLink(ctx, administrator, linkLife)
		if err != nil {
			return err
		}
		say("link: %s", base+link)
	}
	for _, who := range []struct{ account, role string }{{auditor, "auditor"}, {riskManager, "risk manager"}, {administrator, "administrator"}} {
		link, err := srv.SignInLink(ctx, who.account, linkLife)
		if err != nil {
			return err
		}
		say("%-14s sign in: %s", who.role, base+link)
	}
	say("Ctrl-C ends it; the data stays in %s", o.Config.Data)
	return nil
}

func browserAddress(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err == nil && (host == "" || host == "::" || host == "0.0.0.0") {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}
