package server

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrRoot means that the server was started as root without being told to (SCN-06).
var ErrRoot = errors.New("thingward does not run as root: start it as a user of its own, or say --allow-root (it then shows in posture as a weaker setting)")

// harden keeps secrets out of core files and debuggers of other processes.
func harden() error {
	return errors.Join(
		syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}),
		unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0),
	)
}

func runsAsRoot() bool { return os.Geteuid() == 0 }
