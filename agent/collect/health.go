package collect

import (
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/thingward/thingward/protocol"
)

// Health measures load between two calls; the first call has no CPU figure.
type Health struct {
	mu          sync.Mutex
	busy, total float64
}

// Read measures the device under root.
func (h *Health) Read(root string) protocol.Health {
	return protocol.Health{CPU: h.cpu(read(root, "proc/stat")), Memory: memory(read(root, "proc/meminfo")), Disk: disk(root), Battery: number(read(root, "sys/class/power_supply/BAT0/capacity"))}
}

func (h *Health) cpu(stat string) *float64 {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 6 || fields[0] != "cpu" {
		return nil
	}
	var total, idle float64
	for i, f := range fields[1:] {
		n, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return nil
		}
		total += n
		if i == 3 || i == 4 { // idle and waiting for I/O
			idle += n
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	busyBefore, totalBefore := h.busy, h.total
	h.busy, h.total = total-idle, total
	if totalBefore == 0 || total <= totalBefore {
		return nil
	}
	percent := 100 * (h.busy - busyBefore) / (total - totalBefore)
	return &percent
}

func memory(meminfo string) *float64 {
	values := map[string]float64{}
	for line := range strings.Lines(meminfo) {
		if f := strings.Fields(line); len(f) >= 2 {
			values[f[0]], _ = strconv.ParseFloat(f[1], 64)
		}
	}
	total, free := values["MemTotal:"], values["MemAvailable:"]
	if total == 0 {
		return nil
	}
	percent := 100 * (total - free) / total
	return &percent
}

func disk(root string) *float64 {
	var st syscall.Statfs_t
	if err := syscall.Statfs(root, &st); err != nil || st.Blocks == 0 {
		return nil
	}
	percent := 100 * float64(st.Blocks-st.Bavail) / float64(st.Blocks)
	return &percent
}

func number(s string) *float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil
	}
	return &n
}
