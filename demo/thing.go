package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/thingward/thingward/agent"
	"github.com/thingward/thingward/protocol"
)

const (
	heartbeat = 20 * time.Second
	reading   = 10 * time.Second
)

// thing is one simulated device. What it measures is made up; everything it does with the server is real.
type thing struct {
	number               int
	name, typ, site      string
	id, dir, claim       string
	agent                *agent.Agent
	enrolled             chan struct{}
	mu                   sync.Mutex
	properties           map[string]any
	battery, phase, base float64
}

func newThing(number int, name, typ, site string) *thing {
	return &thing{
		number: number, name: name, typ: typ, site: site, enrolled: make(chan struct{}), properties: map[string]any{},
		battery: 60 + float64(number*13%40), phase: float64(number), base: 20 + float64(number%5)/2,
	}
}

// live publishes readings until ctx ends.
func (t *thing) live(ctx context.Context) {
	for {
		for stream, values := range t.readings(time.Now()) {
			b, err := json.Marshal(values)
			if err == nil {
				err = t.agent.Telemetry(stream, b)
			}
			if err != nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(reading - time.Second + time.Duration(rand.Int64N(int64(2*time.Second)))):
		}
	}
}

// wave is a daily curve with noise.
func (t *thing) wave(at time.Time, swing, noise float64) float64 {
	day := float64(at.Unix()%86400) / 86400
	return swing*math.Sin(2*math.Pi*day+t.phase) + noise*(rand.Float64()-0.5)
}

func round(x float64) float64 { return math.Round(x*100) / 100 }

func (t *thing) readings(at time.Time) map[string]map[string]any {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.battery = max(5, t.battery-0.002)
	now := at.UTC().Format(time.RFC3339Nano)
	switch t.typ {
	case "thermostat":
		temperature := t.base + t.wave(at, 1.5, 0.4)
		return map[string]map[string]any{
			"climate": {"time": now, "temperature": round(temperature), "humidity": round(45 + t.wave(at, 8, 2))},
			"heating": {"time": now, "valve": round(max(0, min(100, (21-temperature)*40))), "heating": temperature < 21},
		}
	case "door-lock":
		return map[string]map[string]any{
			"door":  {"time": now, "locked": rand.Float64() > 0.1, "doorOpen": rand.Float64() > 0.95},
			"power": {"time": now, "battery": round(t.battery), "temperature": round(18 + t.wave(at, 6, 1))},
		}
	case "camera":
		return map[string]map[string]any{
			"activity": {"time": now, "motion": rand.Float64() > 0.7, "people": rand.IntN(6)},
			"video":    {"time": now, "framesPerSecond": round(25 + t.wave(at, 0.5, 1)), "bitrate": round(4200 + t.wave(at, 900, 300)), "temperature": round(41 + t.wave(at, 5, 1))},
		}
	case "gateway":
		return map[string]map[string]any{
			"load":    {"time": now, "cpu": round(max(1, 24+t.wave(at, 10, 6))), "memory": round(52 + t.wave(at, 4, 1)), "disk": 37.5},
			"network": {"time": now, "uplink": "ethernet", "attached": 12, "forwarded": at.Unix() % 1_000_000, "dropped": 0},
		}
	default:
		return map[string]map[string]any{
			"air":     {"time": now, "co2": round(620 + t.wave(at, 180, 40)), "pm25": round(max(0, 8+t.wave(at, 4, 2)))},
			"climate": {"time": now, "temperature": round(t.base + t.wave(at, 2, 0.3)), "humidity": round(48 + t.wave(at, 6, 2))},
			"power":   {"time": now, "battery": round(t.battery)},
		}
	}
}

func (t *thing) health() protocol.Health {
	cpu, memory, disk, signal := round(8+6*rand.Float64()), round(40+3*rand.Float64()), 31.0, round(-60-8*rand.Float64())
	h := protocol.Health{CPU: &cpu, Memory: &memory, Disk: &disk, Signal: &signal}
	if t.typ == "door-lock" || t.typ == "air-quality" {
		t.mu.Lock()
		battery := round(t.battery)
		t.mu.Unlock()
		h.Battery = &battery
	}
	return h
}

// desired takes on the state the server wants and reports it.
func (t *thing) desired(payload []byte) {
	var d struct {
		Properties map[string]any `json:"properties"`
	}
	if json.Unmarshal(payload, &d) != nil {
		return
	}
	t.mu.Lock()
	for k, v := range d.Properties {
		t.properties[k] = v
	}
	b, err := json.Marshal(protocol.Reported{Properties: t.properties})
	t.mu.Unlock()
	if err == nil {
		_ = t.agent.Publish(protocol.ReportedTopic(t.id), b) // kept for the next session by the agent
	}
}

// command does what a device of its type does on a command and says so with an event.
func (t *thing) command(name string, _ []byte) {
	if t.typ == "door-lock" && name == "unlock" {
		t.happens("unlocked", map[string]any{"by": "command"})
	}
}

func (t *thing) happens(event string, data map[string]any) {
	b, err := json.Marshal(protocol.DeviceEvent{Time: time.Now().UTC(), Name: event, Data: data})
	if err == nil {
		_ = t.agent.Publish(protocol.EventTopic(t.id), b) // kept for the next session by the agent
	}
}

// inventory is what a device of its type would report. A few are behind or badly set, so that posture has work to do.
func (t *thing) inventory() protocol.Inventory {
	yes := true
	inv := protocol.Inventory{
		Firmware: firmware[t.typ][0], OS: "Simulated Linux 6.1", Kernel: "6.1.0", Agent: "demo", Hardware: "Simulated " + t.typ, RootServices: []string{}, OpenPorts: []protocol.Port{},
		Software:   []protocol.Software{{Name: "openssl", Version: "3.0.15"}, {Name: "busybox", Version: "1.36.1"}, {Name: "mqtt-client", Version: "5.2." + fmt.Sprint(t.number%3)}},
		Interfaces: []protocol.Interface{{Name: "wlan0", Kind: "wifi", Encrypted: &yes}}, SecureBoot: &yes,
	}
	if t.typ == "door-lock" {
		inv.Radio = &protocol.RadioReport{BLEPairing: "numeric-comparison"}
	}
	switch t.number % 20 {
	case 3:
		inv.Firmware = firmware[t.typ][1]
	case 7:
		inv.RootServices, inv.OpenPorts = []string{"telnetd"}, []protocol.Port{{Proto: "tcp", Address: "0.0.0.0", Port: 23, Process: "telnetd"}}
	case 11:
		inv.Interfaces[0].Encrypted = nil
	case 17:
		if inv.Radio != nil {
			inv.Radio.BLEPairing = "just-works"
		}
	}
	return inv
}
