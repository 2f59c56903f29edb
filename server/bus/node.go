package bus

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/thingward/thingward/kit/durable"
)

// alone is what the folder of a server outside of any cluster says in place of a node's name.
const alone = "(alone)"

// checkNode refuses a folder of another node, or one that a server used alone when it is to join a cluster, or the other way
// round: a cluster removes messages that it does not know, and a server alone does not see those of a cluster.
func checkNode(dir string, c *Cluster) error {
	name := alone
	if c != nil {
		name = c.Node
	}
	path := filepath.Join(dir, "node")
	b, err := os.ReadFile(path)
	was := strings.TrimSpace(string(b))
	switch {
	case errors.Is(err, os.ErrNotExist):
		if used(dir) {
			was = alone // written before there were clusters
			break
		}
		return durable.WriteFile(path, []byte(name+"\n"), 0o600)
	case err != nil:
		return fmt.Errorf("read whose messages are in %s: %w", dir, err)
	}
	switch {
	case was == name:
		return nil
	case was == alone:
		return fmt.Errorf("the message store in %s was used by a server alone and cannot join a cluster: its messages would be lost; let clients fetch what waits for them, stop the server, move the folder away and start again", dir)
	case name == alone:
		return fmt.Errorf("the message store in %s belongs to node %s of a cluster: set cluster_node, cluster_listen and cluster_peers again", dir, was)
	}
	return fmt.Errorf("the message store in %s belongs to node %s, not %s: every node has a folder of its own; set cluster_node back, or move the copied folder away", dir, was, name)
}

// used reports whether a message store was in the folder before.
func used(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "jetstream"))
	return err == nil
}

// nodeLog takes what a node's server says about its peers. Its routine notices are left out.
type nodeLog struct{ log *slog.Logger }

// Noticef is for the routine.
func (nodeLog) Noticef(string, ...any) {}

// Warnf warns.
func (l nodeLog) Warnf(format string, v ...any) {
	l.log.Info("node", "message", fmt.Sprintf(format, v...))
}

// Errorf reports what failed.
func (l nodeLog) Errorf(format string, v ...any) {
	l.log.Warn("node", "message", fmt.Sprintf(format, v...))
}

// Fatalf reports what keeps the node from working; whoever started it finds out by itself.
func (l nodeLog) Fatalf(format string, v ...any) {
	l.log.Error("node", "message", fmt.Sprintf(format, v...))
}

// Debugf is for the makers of the server.
func (nodeLog) Debugf(string, ...any) {}

// Tracef is for the makers of the server.
func (nodeLog) Tracef(string, ...any) {}
